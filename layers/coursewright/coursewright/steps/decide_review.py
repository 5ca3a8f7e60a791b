"""Records a reviewer's decision, once, and resumes the execution waiting for it."""

from dataclasses import dataclass

from coursewright.domain.decision import decide, is_same_decision
from coursewright.domain.errors import AlreadyDecided, ResumeFailed, TaskTokenGone
from coursewright.domain.review import Review, ReviewSubmission
from coursewright.observability import logger, measure
from coursewright.ports.reviews import ReviewTasks
from coursewright.steps.audit_review_end import audit_review_end
from coursewright.steps.reviewed_drafts import ReviewDeps, with_edits


@dataclass(frozen=True)
class DecisionDeps(ReviewDeps):
    """Dependencies of `decide_review`."""

    review_tasks: ReviewTasks


def decide_review(
    submission: ReviewSubmission, review: Review, *, reviewer: str, deps: DecisionDeps
) -> Review:
    """Close a review with this decision and return it; repeating a decision has no effect.

    Raises: AlreadyDecided, ReviewExpired, ReviewChanged or DecisionInvalid.
    """
    now = deps.clock.now()
    try:
        decided = decide(with_edits(review, deps), submission, reviewer=reviewer, now=now)
        deps.reviews.decide(decided)
    except AlreadyDecided:
        decided = deps.reviews.get(review.review)
        if not is_same_decision(decided, submission, reviewer=reviewer):
            raise
    audit_review_end(decided, audit=deps.audit)
    if not decided.delivered:
        _resume(decided, deps)
    return decided


def _resume(decided: Review, deps: DecisionDeps) -> None:
    if decided.decided_at is not None:
        waited = decided.decided_at - decided.opened_at
        measure("ReviewWaitSeconds", waited.total_seconds(), "Seconds")
    try:
        deps.review_tasks.resume(decided)
    except (TaskTokenGone, ResumeFailed) as error:
        # The decision is stored; the sweeper resumes the execution later.
        logger.warning("resume_failed", review=decided.review, error=type(error).__name__)
    else:
        deps.reviews.mark_delivered(decided.review)
