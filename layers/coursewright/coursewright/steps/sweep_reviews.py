"""Tells the workflow of decisions that could not be delivered when they were made."""

from coursewright.domain.errors import TaskTokenGone, WakeUpFailed
from coursewright.domain.review import Review
from coursewright.observability import logger
from coursewright.ports import Reviews, ReviewTasks


def sweep_reviews(*, reviews: Reviews, review_tasks: ReviewTasks) -> dict[str, int]:
    """Wake each execution that may not know of its decision, and count those that do now."""
    return {"delivered": sum(_deliver(one, reviews, review_tasks) for one in reviews.undelivered())}


def _deliver(review: Review, reviews: Reviews, review_tasks: ReviewTasks) -> bool:
    try:
        review_tasks.wake(review)
    except TaskTokenGone:
        # The execution has gone on, or will find the decision when it asks for a review again.
        logger.info("task_token_gone", review=review.review)
    except WakeUpFailed as error:
        logger.warning("wake_up_failed", review=review.review, problem=str(error))
        return False
    reviews.mark_delivered(review.review)
    return True
