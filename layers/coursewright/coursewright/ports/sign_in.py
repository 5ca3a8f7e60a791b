"""Signing authors in at an issuer, and their sessions."""

from typing import Protocol

from coursewright.domain.author import Author
from coursewright.domain.base import Record
from coursewright.domain.sign_in import SignInAnswer, SignInAttempt


class Issuer(Protocol):
    """An OpenID Connect issuer. Every method raises SignInFailed."""

    def authorization_url(self, attempt: SignInAttempt, *, redirect_uri: str) -> str:
        """Return the address at which the author signs in."""
        ...

    def redeem(self, answer: SignInAnswer, attempt: SignInAttempt, *, redirect_uri: str) -> Author:
        """Exchange the answer's code, once, and return the author whom the ID token names."""
        ...

    def sign_out_url(self, *, return_to: str) -> str:
        """Return the issuer's address for signing out; empty if it has none."""
        ...


class AuthorCookies(Protocol):
    """Signs the records that an author's browser stores for us."""

    def sign(self, record: Record) -> str:
        """Return the record as a signed string."""
        ...

    def open[RecordT: Record](self, kind: type[RecordT], signed: str) -> RecordT | None:
        """Return the record of this kind from a signed string, or None if it is not genuine."""
        ...
