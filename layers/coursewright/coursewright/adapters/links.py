"""Signs review links, sessions and codes, so that nothing secret has to be stored."""

import hashlib
import hmac
import json
from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer
from pydantic import ValidationError

from coursewright.domain.errors import LinkInvalid
from coursewright.domain.review import Review, reviewer_id
from coursewright.ports.reviews import LinkKeys
from coursewright.web.http import Pass

CODE_DIGITS = 6


class SignedLinks:
    """Links signed with the newest key and verified with every key that is still kept."""

    def __init__(self, link_keys: LinkKeys) -> None:
        self._link_keys = link_keys

    def link(self, review: Review, address: str) -> str:
        """Return the signed part of a reviewer's link, the same each time."""
        return self._sign("link", pass_of(review, address))

    def code(self, review: Review, address: str) -> str:
        """Return the six digits that stand in the reviewer's mail only."""
        return _code(self._link_keys.keys()[-1], pass_of(review, address))

    def open_link(self, signed: str) -> Pass:
        """Read a mailed link. Raises: LinkInvalid."""
        return self._open("link", signed)

    def session(self, bearer: Pass) -> str:
        """Sign the value of a session cookie."""
        return self._sign("session", bearer)

    def open_session(self, session: str) -> Pass:
        """Read a session cookie. Raises: LinkInvalid."""
        return self._open("session", session)

    def csrf(self, session: str) -> str:
        """Return the token that a form of this session carries."""
        return _mac(self._link_keys.keys()[-1], ["csrf", session]).hex()

    def is_csrf(self, session: str, token: str) -> bool:
        """Return whether a form came from a page of this session."""
        keys = self._link_keys.keys()
        return _is_one_of(token, [_mac(key, ["csrf", session]).hex() for key in keys])

    def sign_in(self, bearer: Pass) -> str:
        """Sign the value of a cookie that says: this browser has shown the code."""
        return self._sign("code", bearer)

    def is_signed_in(self, bearer: Pass, signed: str, *, now: datetime) -> bool:
        """Return whether this browser has shown the bearer's code, not too long ago."""
        try:
            shown = self._open("code", signed)
        except LinkInvalid:
            return False
        same = shown.model_copy(update={"expiry": bearer.expiry}) == bearer
        return same and now.timestamp() < shown.expiry

    def is_code(self, bearer: Pass, code: str) -> bool:
        """Return whether these are the digits of the bearer's mail."""
        keys = self._link_keys.keys()
        return _is_one_of(code, [_code(key, bearer) for key in keys])

    def _sign(self, purpose: str, bearer: Pass) -> str:
        signed = self._serializer(purpose).dumps(bearer.model_dump())
        return signed if isinstance(signed, str) else signed.decode()

    def _open(self, purpose: str, signed: str) -> Pass:
        try:
            return Pass.model_validate(self._serializer(purpose).loads(signed))
        except (BadData, ValidationError, ValueError) as error:
            raise LinkInvalid(purpose) from error

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(
            self._link_keys.keys(),
            salt=f"coursewright.{purpose}",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )


def pass_of(review: Review, address: str) -> Pass:
    """Say what a reviewer's link holds."""
    reviewer = reviewer_id(address)
    return Pass(
        review=review.review,
        reviewer=reviewer,
        expiry=int(review.expires_at.timestamp()),
        nonce=review.nonce_of(reviewer),
    )


def _code(key: str, bearer: Pass) -> str:
    digest = _mac(key, ["code", bearer.review, bearer.reviewer, bearer.nonce])
    return f"{int.from_bytes(digest) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def _mac(key: str, message: list[str]) -> bytes:
    return hmac.new(key.encode(), json.dumps(message).encode(), hashlib.sha256).digest()


def _is_one_of(given: str, expected: list[str]) -> bool:
    return any(hmac.compare_digest(given.encode(), one.encode()) for one in expected)
