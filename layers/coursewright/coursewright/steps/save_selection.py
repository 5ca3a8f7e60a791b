"""Stores a reviewer's unsubmitted selection, so that editing a draft does not lose it."""

from coursewright.domain.draft_evidence import DraftEvidence, to_reviewed_draft
from coursewright.domain.review import (
    MAX_NOTES_CHARS,
    Review,
    ReviewSubmission,
    SavedSelection,
    truncate_reasons,
)
from coursewright.ports.reviews import Reviews


def save_selection(
    submission: ReviewSubmission,
    review: Review,
    *,
    reviewer: str,
    drafts: tuple[DraftEvidence, ...],
    reviews: Reviews,
) -> None:
    """Store a reviewer's selection, replacing any earlier one; the reviewer is identified by id."""
    known = {draft.draft.draft: to_reviewed_draft(draft) for draft in drafts}
    rejected = (rejection for rejection in submission.rejected if rejection.draft in known)
    selection = SavedSelection(
        decision=submission.decision,
        approved=tuple(known[name] for name in submission.approved if name in known),
        confirmed=tuple(name for name in submission.confirmed if name in known),
        rejected=tuple(truncate_reasons(rejected)),
        notes=submission.notes[:MAX_NOTES_CHARS],
    )
    reviews.save_selection(review.review, reviewer, selection)


def restore_selection(
    review: Review,
    *,
    reviewer: str,
    drafts: tuple[DraftEvidence, ...],
    reviews: Reviews,
) -> ReviewSubmission:
    """Return the stored selection without approvals of drafts that have changed since."""
    if not review.edition:
        return ReviewSubmission()
    selection = reviews.selection(review.review, reviewer)
    unchanged = {to_reviewed_draft(draft) for draft in drafts}
    approved = tuple(
        draft.draft for draft in selection.approved if draft in unchanged and draft.verified
    )
    return ReviewSubmission(
        decision=selection.decision,
        approved=approved,
        confirmed=tuple(name for name in selection.confirmed if name in approved),
        rejected=selection.rejected,
        notes=selection.notes,
    )
