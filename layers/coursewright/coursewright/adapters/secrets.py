"""Secrets: the link signing keys and the providers' API keys."""

import json
from typing import Any

from aws_lambda_powertools.utilities.parameters import SecretsProvider

from coursewright.domain import errors

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


class SecretModelKeys:
    """The providers' API keys, from a secret {"OPENAI_API_KEY": "…"}."""

    def __init__(self, secrets: SecretsProvider, secret: str) -> None:
        self._secrets = secrets
        self._secret = secret

    def get(self, name: str) -> str:
        """Return a key, or an empty string if it is not set. Raises: ModelNotUsable."""
        try:
            keys = _read_secret(self._secrets, self._secret)
            return str(keys.get(name) or "").strip()
        except (ValueError, AttributeError):
            # Not chained: the traceback would be logged, and the secret's text contains keys.
            raise errors.ModelNotUsable(
                'the model keys secret is not a JSON object such as {"OPENAI_API_KEY": "…"}'
            ) from None


def _read_secret(secrets: SecretsProvider, secret: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(str(secrets.get(secret, max_age=SECRET_SECONDS)))
    return content
