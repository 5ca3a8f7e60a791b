"""The claims that a signed review link or session cookie makes about its holder."""

from coursewright.domain.access import ReviewerAccess
from coursewright.domain.base import Record
from coursewright.domain.review import Review, reviewer_id


class SessionClaims(Record):
    """The claims of a link or session; they contain no decision and no task token."""

    review: str
    reviewer: str
    expiry: int
    link_salt: str


def claims_for(review: Review, address: str, access: ReviewerAccess) -> SessionClaims:
    """Return the claims of a reviewer's newest link."""
    return SessionClaims(
        review=review.review,
        reviewer=reviewer_id(address),
        expiry=int(review.expires_at.timestamp()),
        link_salt=access.link_salt or review.link_salt,
    )
