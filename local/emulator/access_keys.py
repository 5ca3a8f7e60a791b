"""Defects in ministack 1.5.33: well-known keys are root, and functions' keys can be guessed.

It derives a function's credentials from its name and accepts the key `test` from everyone. On AWS
keys are random. Here there are two kinds: the access key of this run, which no policy restricts,
and sessions of roles, which this cloud issues to its functions and for `AssumeRole`. The gateway
verifies all signatures, also those of presigned URLs.
"""

from functools import cache
from typing import Any

from ministack.core import iam_evaluator, lambda_runtime
from ministack.services import s3, sts

from local.access_key import AccessKey, random_id, random_secret
from local.emulator.patch_point import patch_points
from local.emulator.settings import ACCOUNT


class _RunKey:
    """The access key of the running cloud."""

    current = AccessKey()


def use_access_key(key: AccessKey) -> None:
    """Accept this key instead of any earlier one."""
    _RunKey.current = key


def find_secret(key_id: str, session_token: str) -> str | None:
    """Return the secret of the run's key or of a role's current session, or None."""
    if key_id == _RunKey.current.id:
        return None if session_token else _RunKey.current.secret
    if key_id not in sts._sessions:
        return None
    principal = iam_evaluator.resolve_credential(key_id, ACCOUNT, session_token)
    if getattr(principal, "principal_type", "") != "AssumedRole":
        return None
    secret: str = principal.secret_access_key
    return secret


def issue_session(config: dict[str, Any]) -> dict[str, str]:
    """Issue a session of a function's role and return it as environment variables."""
    role, name = config.get("Role", "").rpartition("/")[2], config["FunctionName"][:64]
    key_id, secret, token = random_id("ASIA"), random_secret(), random_secret()
    session = {
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}",
        "UserId": f"{role}:{name}",
        "SecretAccessKey": secret,
        "SessionToken": token,
    }
    sts.register_session(key_id, session)
    return {
        "AWS_ACCESS_KEY_ID": key_id,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SESSION_TOKEN": token,
    }


def is_root_key(key_id: str) -> bool:
    """Return whether policies do not apply: to the run's key and to the emulator itself."""
    return not key_id or key_id == _RunKey.current.id


@cache
def apply() -> None:
    """Issue random sessions, and treat no other key than the run's as root."""
    patch_points(iam_evaluator, "is_root_access_key", "resolve_credential")
    patch_points(lambda_runtime, "execution_credentials")
    patch_points(sts, "_sessions", "register_session", "is_root_access_key")
    patch_points(s3, "_verify_presigned_sigv4")
    iam_evaluator.is_root_access_key = is_root_key
    sts.is_root_access_key = is_root_key
    lambda_runtime.execution_credentials = issue_session
    s3._verify_presigned_sigv4 = lambda *_request: None  # verified by the gateway
