"""Closes a review round that was not decided in time."""

from coursewright.domain.base import Record
from coursewright.ports.generations import Clock
from coursewright.ports.reviews import Audit, Reviews
from coursewright.steps.audit_review_end import audit_review_end


class ExpireTask(Record):
    """The input of the step."""

    generation: str
    round: int
    review: str


def expire_review(
    task: ExpireTask, *, reviews: Reviews, audit: Audit, clock: Clock
) -> dict[str, str]:
    """Mark a review as expired, unless it was decided first."""
    reviews.expire(task.review, now=clock.now())
    audit_review_end(reviews.get(task.review), audit=audit)
    return {}
