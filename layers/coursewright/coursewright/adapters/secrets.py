"""Secrets: the link signing keys and the providers' API keys."""

import json
import re
from typing import Any

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from pydantic import ValidationError

from coursewright.domain import errors
from coursewright.domain.model_call import ApiKey

KEY_FORM = '{"value": "…", "hosts": ["api.openai.com"]}'
HOST = re.compile(r"[a-z0-9.-]+|[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*")  # a name or an IP address
SECRET_SECONDS = 300  # a rotated key reaches every function within five minutes


class SecretLinkKeys:
    """The link signing keys, from a secret {"old": […], "newest": "…"}."""

    def __init__(self, secrets: SecretsProvider, secret: str) -> None:
        self._secrets = secrets
        self._secret = secret

    def keys(self) -> list[str]:
        """Return the keys, newest last; a link signed with any of them is valid."""
        content = _read_secret(self._secrets, self._secret)
        old: list[str] = content.get("old", [])
        return [*old, content["newest"]]


class SecretText:
    """A secret that is a plain string, such as a client secret; read again within five minutes."""

    def __init__(self, secrets: SecretsProvider, secret: str) -> None:
        self._secrets = secrets
        self._secret = secret

    def read(self) -> str:
        """Return the secret, or an empty string if none is configured."""
        if not self._secret:
            return ""
        return str(self._secrets.get(self._secret, max_age=SECRET_SECONDS)).strip()


class SecretModelKeys:
    """The providers' API keys, from a secret {"OPENAI_API_KEY": "…"}.

    An entry {"value": "…", "hosts": ["…"]} also names the hosts that may receive the key.
    """

    def __init__(self, secrets: SecretsProvider, secret: str) -> None:
        self._secrets = secrets
        self._secret = secret

    def get(self, name: str) -> ApiKey:
        """Return a key, empty if it is not set. Raises: ModelNotUsable."""
        try:
            entry = _read_secret(self._secrets, self._secret).get(name)
        except (ValueError, AttributeError):
            fault = 'the model keys secret is not a JSON object such as {"OPENAI_API_KEY": "…"}'
        else:
            key = _parse_key(entry)
            if key is not None:
                return key
            fault = f"the entry {name} of the model keys secret is neither a key nor {KEY_FORM}"
        # Raised here, so that no traceback contains the error of the parser, which quotes keys.
        raise errors.ModelNotUsable(fault)


def _parse_key(entry: Any) -> ApiKey | None:
    """Return the key in an entry of the secret, or None if the entry is invalid."""
    fields = entry if isinstance(entry, dict) else {"value": entry or ""}
    try:
        key = ApiKey.model_validate(fields)
    except ValidationError:
        return None
    hosts = None if key.hosts is None else tuple(host.lower() for host in key.hosts)
    if not all(HOST.fullmatch(host) for host in hosts or ()):
        return None
    return ApiKey(value=key.value.strip(), hosts=hosts)


def _read_secret(secrets: SecretsProvider, secret: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(str(secrets.get(secret, max_age=SECRET_SECONDS)))
    return content
