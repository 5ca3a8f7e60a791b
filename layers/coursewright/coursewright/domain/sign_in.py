"""An author's sign-in at an issuer, from the redirect until the session ends."""

from coursewright.domain.author import Author
from coursewright.domain.base import Record


class IssuerClient(Record):
    """This deployment as a client of an issuer; an empty id means that nobody can sign in."""

    issuer: str = ""
    client_id: str = ""
    scope: str = ""
    secret: str = ""  # ARN of the client secret; empty for a public client


class SignInAttempt(Record):
    """A sign-in that this browser has begun; only its signed cookie can finish it."""

    state: str
    nonce: str
    verifier: str
    return_to: str
    expiry: int


class SignInAnswer(Record):
    """What the issuer sent back by way of the browser."""

    code: str = ""
    state: str = ""
    error: str = ""
    issuer: str = ""


class AuthorSession(Record):
    """A signed-in author in one browser."""

    author: Author
    expiry: int
