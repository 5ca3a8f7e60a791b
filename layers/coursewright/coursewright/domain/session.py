"""The claims that a signed review link or session cookie makes about its holder."""

from coursewright.domain.base import Record


class SessionClaims(Record):
    """The claims of a link or session; they contain no decision and no task token."""

    review: str
    reviewer: str
    expiry: int
    link_salt: str
