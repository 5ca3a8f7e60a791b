"""Signs review links, sessions and codes, so that nothing secret has to be stored."""

import hashlib
import hmac
import json
from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer
from pydantic import ValidationError

from coursewright.domain.errors import LinkInvalid
from coursewright.domain.review import Review, reviewer_id
from coursewright.domain.session import SessionClaims
from coursewright.ports.reviews import LinkKeys

CODE_DIGITS = 6


class SignedLinks:
    """Links signed with the newest key and verified with every key that is still kept."""

    def __init__(self, link_keys: LinkKeys) -> None:
        self._link_keys = link_keys

    def link(self, review: Review, address: str) -> str:
        """Return the signed part of a reviewer's link, the same each time."""
        return self._sign("link", claims_for(review, address))

    def code(self, review: Review, address: str) -> str:
        """Return the six digits that stand in the reviewer's mail only."""
        return _code(self._link_keys.keys()[-1], claims_for(review, address))

    def open_link(self, signed: str) -> SessionClaims:
        """Read a mailed link. Raises: LinkInvalid."""
        return self._open("link", signed)

    def session(self, claims: SessionClaims) -> str:
        """Sign the value of a session cookie."""
        return self._sign("session", claims)

    def open_session(self, session: str) -> SessionClaims:
        """Read a session cookie. Raises: LinkInvalid."""
        return self._open("session", session)

    def csrf(self, session: str) -> str:
        """Return the token that a form of this session carries."""
        return _mac(self._link_keys.keys()[-1], ["csrf", session]).hex()

    def is_csrf(self, session: str, token: str) -> bool:
        """Return whether a form came from a page of this session."""
        keys = self._link_keys.keys()
        return _is_one_of(token, [_mac(key, ["csrf", session]).hex() for key in keys])

    def sign_in(self, claims: SessionClaims) -> str:
        """Sign the value of a cookie that says: this browser has shown the code."""
        return self._sign("code", claims)

    def is_signed_in(self, claims: SessionClaims, signed: str, *, now: datetime) -> bool:
        """Return whether this browser has shown the bearer's code, not too long ago."""
        try:
            shown = self._open("code", signed)
        except LinkInvalid:
            return False
        same = shown.model_copy(update={"expiry": claims.expiry}) == claims
        return same and now.timestamp() < shown.expiry

    def is_code(self, claims: SessionClaims, code: str) -> bool:
        """Return whether these are the digits of the bearer's mail."""
        keys = self._link_keys.keys()
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
            self._link_keys.keys(),
            salt=f"coursewright.{purpose}",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )


def claims_for(review: Review, address: str) -> SessionClaims:
    """Say what a reviewer's link holds."""
    reviewer = reviewer_id(address)
    return SessionClaims(
        review=review.review,
        reviewer=reviewer,
        expiry=int(review.expires_at.timestamp()),
        link_salt=review.salt_for(reviewer),
    )


def _code(key: str, claims: SessionClaims) -> str:
    digest = _mac(key, ["code", claims.review, claims.reviewer, claims.link_salt])
    return f"{int.from_bytes(digest) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def _mac(key: str, message: list[str]) -> bytes:
    return hmac.new(key.encode(), json.dumps(message).encode(), hashlib.sha256).digest()


def _is_one_of(given: str, expected: list[str]) -> bool:
    return any(hmac.compare_digest(given.encode(), one.encode()) for one in expected)
