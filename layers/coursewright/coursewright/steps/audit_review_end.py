"""The audit entry of a review's end, the same whoever writes it and however often."""

from coursewright.domain.base import text_sha256
from coursewright.domain.review import Decision, Review, pseudonym
from coursewright.ports.reviews import Audit


def audit_review_end(review: Review, *, audit: Audit) -> None:
    """Add the entry under the end's own time, so that a repetition adds nothing."""
    if review.decision is Decision.EXPIRED:
        audit.add(
            review.generation,
            "review_expired",
            {"review": review.review},
            now=review.expires_at,
        )
    elif review.decided_at is not None:
        facts = {
            "review": review.review,
            "decision": review.decision.value,
            "reviewer": pseudonym(review, review.decided_by),
            "approved": list(review.approved),
            "notes_sha256": text_sha256(review.notes) if review.notes else "",
            "shown_sha256": review.shown_sha256,
        }
        audit.add(review.generation, "review_decided", facts, now=review.decided_at)
