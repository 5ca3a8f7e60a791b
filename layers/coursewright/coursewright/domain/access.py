"""One reviewer's access to a review: the newest link and the attempts at its code."""

from datetime import datetime, timedelta

from coursewright.domain.base import Record
from coursewright.domain.errors import InvitationRefused, ReviewLocked
from coursewright.domain.problems import ProblemCode

MAX_ATTEMPTS = 5  # wrong codes per link
MAX_CODES_PER_DAY = 3  # including the one that is valid when the day begins
MIN_RENEWAL_INTERVAL = timedelta(minutes=5)


class ReviewerAccess(Record):
    """The state of a reviewer's link since the first email; other reviewers are unaffected."""

    link_salt: str = ""  # of the newest link; empty for the first, which uses the review's
    attempts: int = 0  # at the newest link's code that were wrong or are being checked
    renewals: int = 0  # on the day of the newest link
    renewed_at: datetime | None = None

    @property
    def is_locked(self) -> bool:
        """Whether too many wrong codes were entered on the newest link."""
        return self.attempts >= MAX_ATTEMPTS

    def require_unlocked(self, review: str) -> None:
        """Raise if the reviewer needs a fresh link. Raises: ReviewLocked."""
        if self.is_locked:
            raise ReviewLocked(review)


def has_spent_codes(access: ReviewerAccess, *, now: datetime) -> bool:
    """Return whether the reviewer has received all codes of this day (UTC)."""
    return 1 + _renewals_today(access, now) >= MAX_CODES_PER_DAY


def renewed(access: ReviewerAccess, link_salt: str, *, now: datetime) -> ReviewerAccess:
    """Return the access with a fresh link and code; earlier links and sessions become invalid.

    Raises: InvitationRefused.
    """
    renewed_at = access.renewed_at
    is_too_soon = renewed_at is not None and now < renewed_at + MIN_RENEWAL_INTERVAL
    if is_too_soon or has_spent_codes(access, now=now):
        raise InvitationRefused(ProblemCode.NO_LINK_NOW)
    renewals = _renewals_today(access, now) + 1
    return ReviewerAccess(link_salt=link_salt, renewals=renewals, renewed_at=now)


def _renewals_today(access: ReviewerAccess, now: datetime) -> int:
    is_today = access.renewed_at is not None and access.renewed_at.date() == now.date()
    return access.renewals if is_today else 0
