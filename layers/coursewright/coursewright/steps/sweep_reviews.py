"""Ends reviews past due, and tells the workflow of ends of which it may not know."""

from coursewright.domain.errors import ResumeFailed, TaskTokenGone
from coursewright.domain.review import Review
from coursewright.observability import logger
from coursewright.ports.generations import Clock
from coursewright.ports.reviews import Audit, Reviews, ReviewTasks
from coursewright.steps.audit_review_end import audit_review_end


def sweep_reviews(
    *, reviews: Reviews, review_tasks: ReviewTasks, audit: Audit, clock: Clock
) -> dict[str, int]:
    """Expire what is past due, wake each execution that may not know, and count both."""
    now = clock.now()
    overdue = reviews.list_overdue(now=now)
    expired = sum(reviews.expire(one.review, now=now, delivered=False) for one in overdue)
    for one in reviews.list_undelivered():
        audit_review_end(one, audit=audit)  # its writer may have died before the entry
    delivered = sum(_deliver(one, reviews, review_tasks) for one in reviews.list_undelivered())
    return {"expired": expired, "delivered": delivered}


def _deliver(review: Review, reviews: Reviews, review_tasks: ReviewTasks) -> bool:
    try:
        review_tasks.resume(review)
    except TaskTokenGone:
        # The execution has gone on, or will find the decision when it asks for a review again.
        logger.info("task_token_gone", review=review.review)
    except ResumeFailed as error:
        logger.warning("resume_failed", review=review.review, problem=str(error))
        return False
    reviews.mark_delivered(review.review)
    return True
