"""Ends a round on which nobody decided."""

from coursewright.domain.records import Record
from coursewright.domain.review import Decision
from coursewright.ports import Audit, Clock, Reviews


class ExpireTask(Record):
    """The input of the step."""

    generation: str
    round: int
    review: str


def expire_review(
    task: ExpireTask, *, reviews: Reviews, audit: Audit, clock: Clock
) -> dict[str, str]:
    """Turn pending into expired; a decision that was faster stands."""
    reviews.expire(task.review, now=clock.now())
    review = reviews.get(task.review)
    if review.decision is Decision.EXPIRED:
        # Under the deadline's time, so that a repetition adds the same entry.
        facts = {"review": review.review}
        audit.add(review.generation, "review_expired", facts, now=review.expires_at)
    return {}
