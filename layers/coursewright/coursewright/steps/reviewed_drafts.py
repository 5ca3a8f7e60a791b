"""Reads a review's drafts with its reviewers' edits applied."""

from dataclasses import dataclass

from coursewright.domain.draft_evidence import DraftEvidence, to_reviewed_draft
from coursewright.domain.review import Review, hash_shown_drafts
from coursewright.ports.agents import Drafts
from coursewright.ports.generations import Clock, Generations, Lessons
from coursewright.ports.reviews import Audit, Links, Reviews
from coursewright.ports.verification import Verifications
from coursewright.steps.draft_evidence import drafts_with_evidence


@dataclass(frozen=True)
class ReviewDeps:
    """Dependencies of code that reads a review or acts on it."""

    reviews: Reviews
    generations: Generations
    lessons: Lessons
    drafts: Drafts
    verifications: Verifications
    links: Links
    audit: Audit
    clock: Clock


def edited_drafts(review: Review, deps: ReviewDeps) -> tuple[DraftEvidence, ...]:
    """Return a review's drafts with all edits applied."""
    return drafts_with_evidence(
        review.generation,
        review.round,
        drafts=deps.drafts,
        verifications=deps.verifications,
        edits=deps.reviews.edits(review),
    )


def with_edits(review: Review, deps: ReviewDeps) -> Review:
    """Return the review bound to its drafts as currently edited."""
    if not review.edition:
        return review
    drafts = tuple(to_reviewed_draft(draft) for draft in edited_drafts(review, deps))
    update = {"drafts": drafts, "shown_sha256": hash_shown_drafts(drafts)}
    return review.model_copy(update=update)
