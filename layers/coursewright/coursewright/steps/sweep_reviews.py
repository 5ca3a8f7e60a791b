"""Expires overdue reviews and resumes executions that may have missed a decision."""

from coursewright.domain.errors import ResumeFailed, TaskTokenGone
from coursewright.domain.review import Review
from coursewright.observability import logger
from coursewright.ports.generations import Clock
from coursewright.ports.reviews import Audit, Reviews, ReviewTasks
from coursewright.steps.audit_review_end import audit_review_end


def sweep_reviews(
    *, reviews: Reviews, review_tasks: ReviewTasks, audit: Audit, clock: Clock
) -> dict[str, int]:
    """Expire overdue reviews, resume waiting executions, and return the number of each."""
    now = clock.now()
    overdue = reviews.list_overdue(now=now)
    expired = sum(reviews.expire(each.review, now=now, delivered=False) for each in overdue)
    for review in reviews.list_undelivered():
        # The function that closed the review may have crashed before writing the entry.
        audit_review_end(review, audit=audit)
    delivered = sum(_deliver(each, reviews, review_tasks) for each in reviews.list_undelivered())
    return {"expired": expired, "delivered": delivered}


def _deliver(review: Review, reviews: Reviews, review_tasks: ReviewTasks) -> bool:
    try:
        review_tasks.resume(review)
    except TaskTokenGone:
        # The execution has continued, or will find the decision when it requests the review again.
        logger.info("task_token_gone", review=review.review)
    except ResumeFailed as error:
        logger.warning("resume_failed", review=review.review, problem=str(error))
        return False
    reviews.mark_delivered(review.review)
    return True
