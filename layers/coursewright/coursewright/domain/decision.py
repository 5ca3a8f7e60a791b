"""The rules for a reviewer's decision: what a submission must contain, and what it records."""

from datetime import datetime
from typing import Any

from coursewright.domain.errors import DecisionInvalid, ReviewChanged
from coursewright.domain.problems import ProblemCode
from coursewright.domain.review import (
    MAX_NOTES_CHARS,
    MAX_REASON_CHARS,
    MAX_TOTAL_REASON_CHARS,
    Decision,
    Review,
    ReviewSubmission,
    require_open,
)


def decide(review: Review, submission: ReviewSubmission, *, reviewer: str, now: datetime) -> Review:
    """Return the review, closed with the reviewer's decision.

    Raises: AlreadyDecided, ReviewExpired, ReviewChanged or DecisionInvalid.
    """
    require_open(review, now=now)
    if submission.shown_sha256 != review.shown_sha256:
        raise ReviewChanged(review.review)
    _require_valid(review, submission)
    recorded = _recorded(review, submission)
    return review.model_copy(update=recorded | {"decided_by": reviewer, "decided_at": now})


def is_same_decision(review: Review, submission: ReviewSubmission, *, reviewer: str) -> bool:
    """Return whether a closed review already records exactly this submission."""
    recorded = _recorded(review, submission) | {"decided_by": reviewer}
    return all(getattr(review, name) == value for name, value in recorded.items())


def _recorded(review: Review, submission: ReviewSubmission) -> dict[str, Any]:
    is_approved = submission.decision is Decision.APPROVED
    return {
        "decision": submission.decision,
        "approved": submission.approved if is_approved else (),
        "confirmed": _confirmed(review, submission) if is_approved else (),
        "rejected": submission.rejected,
        "notes": submission.notes,
    }


def _confirmed(review: Review, submission: ReviewSubmission) -> tuple[str, ...]:
    """Return the approved drafts with blocking doubts, all confirmed in a valid submission."""
    doubtful = {draft.draft for draft in review.drafts if draft.blocking_doubts}
    confirmed = doubtful & set(submission.confirmed)
    return tuple(draft for draft in submission.approved if draft in confirmed)


def _require_valid(review: Review, submission: ReviewSubmission) -> None:
    _require_valid_rejections(review, submission)
    publishable = {draft.draft for draft in review.drafts if draft.verified}
    if submission.decision is Decision.APPROVED:
        if not submission.approved:
            raise DecisionInvalid(ProblemCode.NOTHING_APPROVED)
        if not set(submission.approved) <= publishable:
            raise DecisionInvalid(ProblemCode.UNVERIFIED_APPROVED)
        _require_confirmed(review, submission)
    elif submission.decision is Decision.CHANGES_REQUESTED:
        if not submission.notes.strip() and not any(submission.reasons.values()):
            raise DecisionInvalid(ProblemCode.NO_CHANGES_DESCRIBED)
    elif submission.decision is not Decision.REJECTED:
        raise DecisionInvalid(ProblemCode.NO_DECISION)
    if len(submission.notes) > MAX_NOTES_CHARS:
        raise DecisionInvalid(ProblemCode.NOTES_TOO_LONG, limit=MAX_NOTES_CHARS)


def _require_confirmed(review: Review, submission: ReviewSubmission) -> None:
    doubtful = (draft.draft for draft in review.drafts if draft.blocking_doubts)
    unconfirmed = [draft for draft in doubtful if submission.is_unconfirmed(draft)]
    if unconfirmed:
        raise DecisionInvalid(ProblemCode.DOUBTS_NOT_CONFIRMED, drafts=len(unconfirmed))


def _require_valid_rejections(review: Review, submission: ReviewSubmission) -> None:
    rejected = {rejection.draft for rejection in submission.rejected}
    if not rejected <= {draft.draft for draft in review.drafts}:
        raise DecisionInvalid(ProblemCode.UNKNOWN_DRAFT_REJECTED)
    if submission.decision is Decision.APPROVED and rejected & set(submission.approved):
        raise DecisionInvalid(ProblemCode.APPROVED_AND_REJECTED)
    lengths = [len(rejection.reason) for rejection in submission.rejected]
    if any(length > MAX_REASON_CHARS for length in lengths):
        raise DecisionInvalid(ProblemCode.REASON_TOO_LONG, limit=MAX_REASON_CHARS)
    if sum(lengths) > MAX_TOTAL_REASON_CHARS:
        raise DecisionInvalid(ProblemCode.REASONS_TOO_LONG, limit=MAX_TOTAL_REASON_CHARS)
