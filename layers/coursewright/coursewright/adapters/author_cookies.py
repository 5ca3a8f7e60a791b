"""Signs the cookies of course authors."""

import hashlib
from collections.abc import Callable

from itsdangerous import BadData, URLSafeSerializer
from pydantic import ValidationError

from coursewright.domain.base import Record

MAX_COOKIE_CHARS = 4096  # what browsers store; longer values are not decoded


class SignedAuthorCookies:
    """Signs with the newest key and accepts any current key, so that keys can be rotated."""

    def __init__(self, keys: Callable[[], list[str]]) -> None:
        self._keys = keys

    def sign(self, record: Record) -> str:
        """Return the record as a signed string."""
        signed = self._serializer(type(record)).dumps(record.model_dump())
        return signed if isinstance(signed, str) else signed.decode()

    def open[RecordT: Record](self, kind: type[RecordT], signed: str) -> RecordT | None:
        """Return the record of this kind from a signed string, or None if it is not genuine."""
        if not 0 < len(signed) <= MAX_COOKIE_CHARS:
            return None
        try:
            return kind.model_validate(self._serializer(kind).loads(signed))
        except (BadData, ValidationError, ValueError):
            return None

    def _serializer(self, kind: type[Record]) -> URLSafeSerializer:
        return URLSafeSerializer(
            self._keys(),
            salt=f"coursewright.{kind.__name__}",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )
