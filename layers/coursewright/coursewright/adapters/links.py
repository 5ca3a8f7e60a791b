"""Signs review links, sessions and codes, so that no secret needs to be stored."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer
from pydantic import ValidationError

from coursewright.domain.errors import LinkInvalid
from coursewright.domain.session import SessionClaims

CODE_DIGITS = 6


class SignedLinks:
    """Signs with the newest key and accepts any current key, so that keys can be rotated."""

    def __init__(self, link_keys: Callable[[], list[str]]) -> None:
        self._link_keys = link_keys

    def link(self, claims: SessionClaims) -> str:
        """Return the signed part of a reviewer's link; always the same for the same claims."""
        return self._sign("link", claims)

    def code(self, claims: SessionClaims) -> str:
        """Return the six-digit code, which appears only in the reviewer's email."""
        return _code(self._link_keys()[-1], claims)

    def open_link(self, signed: str) -> SessionClaims:
        """Read an emailed link. Raises: LinkInvalid."""
        return self._open("link", signed)

    def session(self, claims: SessionClaims) -> str:
        """Return the signed value of a session cookie."""
        return self._sign("session", claims)

    def open_session(self, session: str) -> SessionClaims:
        """Read a session cookie. Raises: LinkInvalid."""
        return self._open("session", session)

    def csrf(self, session: str) -> str:
        """Return the CSRF token for the forms of a session."""
        return _mac(self._link_keys()[-1], ["csrf", session]).hex()

    def is_csrf(self, session: str, token: str) -> bool:
        """Return whether a form's token belongs to this session."""
        keys = self._link_keys()
        return _is_one_of(token, [_mac(key, ["csrf", session]).hex() for key in keys])

    def sign_in(self, claims: SessionClaims) -> str:
        """Return the signed value of a cookie proving that the code was entered in this browser."""
        return self._sign("code", claims)

    def is_signed_in(self, claims: SessionClaims, signed: str, *, now: datetime) -> bool:
        """Return whether the reviewer's code was entered in this browser recently enough."""
        try:
            signed_in = self._open("code", signed)
        except LinkInvalid:
            return False
        is_same_bearer = signed_in.model_copy(update={"expiry": claims.expiry}) == claims
        return is_same_bearer and now.timestamp() < signed_in.expiry

    def is_code(self, claims: SessionClaims, code: str) -> bool:
        """Return whether the digits match those in the reviewer's email."""
        keys = self._link_keys()
        return _is_one_of(code, [_code(key, claims) for key in keys])

    def _sign(self, purpose: str, claims: SessionClaims) -> str:
        signed = self._serializer(purpose).dumps(claims.model_dump())
        return signed if isinstance(signed, str) else signed.decode()

    def _open(self, purpose: str, signed: str) -> SessionClaims:
        try:
            return SessionClaims.model_validate(self._serializer(purpose).loads(signed))
        except (BadData, ValidationError, ValueError) as error:
            raise LinkInvalid(purpose) from error

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(
            self._link_keys(),
            salt=f"coursewright.{purpose}",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )


def _code(key: str, claims: SessionClaims) -> str:
    digest = _mac(key, ["code", claims.review, claims.reviewer, claims.link_salt])
    return f"{int.from_bytes(digest) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def _mac(key: str, message: list[str]) -> bytes:
    return hmac.new(key.encode(), json.dumps(message).encode(), hashlib.sha256).digest()


def _is_one_of(value: str, expected: list[str]) -> bool:
    return any(hmac.compare_digest(value.encode(), item.encode()) for item in expected)
