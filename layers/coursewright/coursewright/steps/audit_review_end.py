"""Writes the audit entry for a closed review, identical for every caller and repetition."""

from coursewright.domain.base import text_sha256
from coursewright.domain.review import Decision, Review, pseudonym
from coursewright.ports.reviews import Audit


def audit_review_end(review: Review, *, audit: Audit) -> None:
    """Add the entry, timed at the review's closing so that repetitions add nothing."""
    if review.decision is Decision.EXPIRED:
        facts = {"review": review.review}
        audit.add(review.generation, "review_expired", facts, now=review.expires_at)
    elif review.decided_at is not None:
        decision = {
            "review": review.review,
            "decision": review.decision.value,
            "reviewer": pseudonym(review, review.decided_by),
            "approved": list(review.approved),
            "confirmed_doubts": review.confirmed_doubts,
            "notes_sha256": text_sha256(review.notes) if review.notes else "",
            "shown_sha256": review.shown_sha256,
        }
        audit.add(review.generation, "review_decided", decision, now=review.decided_at)
