"""In-memory access of reviewers: their newest links and the attempts at the codes."""

from coursewright.domain.access import MAX_ATTEMPTS, MIN_RENEWAL_INTERVAL, ReviewerAccess
from coursewright.domain.errors import LinkInvalid, ReviewChanged, ReviewLocked
from coursewright.domain.session import SessionClaims


class MemoryAccess:
    def __init__(self) -> None:
        self._access: dict[tuple[str, str], ReviewerAccess] = {}

    def access(self, review: str, reviewer: str) -> ReviewerAccess:
        return self._access.get((review, reviewer), ReviewerAccess())

    def renew_access(self, review: str, reviewer: str, new: ReviewerAccess) -> None:
        before, at = self.access(review, reviewer).renewed_at, new.renewed_at
        assert at is not None
        if before is not None and before > at - MIN_RENEWAL_INTERVAL:
            raise ReviewChanged(review)
        self._access[review, reviewer] = new

    def count_attempt(self, claims: SessionClaims) -> int:
        access = self.access(claims.review, claims.reviewer)
        if access.link_salt not in ("", claims.link_salt):
            raise LinkInvalid(claims.review)
        if access.is_locked:
            raise ReviewLocked(claims.review)
        return MAX_ATTEMPTS - self._add(claims, 1)

    def forget_attempt(self, claims: SessionClaims) -> None:
        access = self.access(claims.review, claims.reviewer)
        if access.link_salt in ("", claims.link_salt) and access.attempts > 0:
            self._add(claims, -1)

    def _add(self, claims: SessionClaims, number: int) -> int:
        access = self.access(claims.review, claims.reviewer)
        attempts = access.attempts + number
        changed = access.model_copy(update={"attempts": attempts})
        self._access[claims.review, claims.reviewer] = changed
        return attempts
