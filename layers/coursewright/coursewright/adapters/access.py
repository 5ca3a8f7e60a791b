"""Stores each reviewer's links and attempts, in separate items of the review's partition."""

from coursewright.adapters.table import Item, Table
from coursewright.domain.access import MAX_ATTEMPTS, MIN_RENEWAL_INTERVAL, ReviewerAccess
from coursewright.domain.errors import LinkInvalid, ReviewChanged, ReviewLocked
from coursewright.domain.session import SessionClaims

ACCESS = "ACCESS#"
SAME_LINK = "(attribute_not_exists(link_salt) OR link_salt = :salt)"
HAS_ATTEMPTS = "(attribute_not_exists(attempts) OR attempts < :max)"


class DynamoAccess:
    """Counts attempts before codes are compared, so that parallel guesses count as well."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def access(self, review: str, reviewer: str) -> ReviewerAccess:
        """Return a reviewer's access to a review."""
        item = self._table.get(review, f"{ACCESS}{reviewer}")
        fields = ReviewerAccess.model_fields
        known = {name: value for name, value in (item or {}).items() if name in fields}
        return ReviewerAccess.model_validate(known)

    def renew_access(self, review: str, reviewer: str, new: ReviewerAccess) -> None:
        """Replace a reviewer's link. Raises: ReviewChanged if it was just replaced."""
        at = new.renewed_at
        assert at is not None
        values: Item = {":salt": new.link_salt, ":none": 0, ":renewals": new.renewals}
        values |= {":at": at.isoformat(), ":earlier": (at - MIN_RENEWAL_INTERVAL).isoformat()}
        written = self._table.update(
            review,
            f"{ACCESS}{reviewer}",
            "SET link_salt = :salt, attempts = :none, renewals = :renewals, renewed_at = :at",
            "attribute_not_exists(renewed_at) OR renewed_at <= :earlier",
            values,
        )
        if written is None:
            raise ReviewChanged(review)

    def count_attempt(self, claims: SessionClaims) -> int:
        """Count an attempt at a link's code; return how many more are allowed.

        Raises: ReviewLocked if there were too many, LinkInvalid if a fresh link replaced this one.
        """
        written = self._add(claims, 1, f"{SAME_LINK} AND {HAS_ATTEMPTS}", {":max": MAX_ATTEMPTS})
        if written is not None:
            return MAX_ATTEMPTS - int(written["attempts"])
        newest = self.access(claims.review, claims.reviewer).link_salt
        if newest and newest != claims.link_salt:
            raise LinkInvalid(claims.review)
        raise ReviewLocked(claims.review)

    def forget_attempt(self, claims: SessionClaims) -> None:
        """Undo the count of an attempt whose code was correct."""
        self._add(claims, -1, f"{SAME_LINK} AND attempts > :none", {":none": 0})

    def _add(self, claims: SessionClaims, number: int, condition: str, values: Item) -> Item | None:
        parameters: Item = {":number": number, ":salt": claims.link_salt} | values
        place = (claims.review, f"{ACCESS}{claims.reviewer}")
        return self._table.update(*place, "ADD attempts :number", condition, parameters)
