"""One round of a person's decision."""

from datetime import datetime
from enum import StrEnum

from coursewright.domain.errors import (
    AlreadyDecided,
    DecisionInvalid,
    ReviewChanged,
    ReviewExpired,
    ReviewLocked,
)
from coursewright.domain.records import Record, fingerprint

MOST_ROUNDS = 3
MOST_WRONG_CODES = 5
MOST_NOTES = 10_000


class Decision(StrEnum):
    """What becomes of a round."""

    PENDING = "pending"
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    EXPIRED = "expired"


class ReviewedDraft(Record):
    """A draft as the reviewer is shown it, bound to its content."""

    draft: str
    verified: bool
    content_sha256: str


class Review(Record):
    """A round waiting for, or closed by, a person's decision."""

    review: str
    generation: str
    round: int
    drafts: tuple[ReviewedDraft, ...]
    reviewers: tuple[str, ...]
    shown: str
    nonce: str
    opened_at: datetime
    expires_at: datetime
    decision: Decision = Decision.PENDING
    approved: tuple[str, ...] = ()
    notes: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    wrong_codes: int = 0
    delivered: bool = False


class CourseNote(Record):
    """What a reviewer asked for, kept so that later sets of the course need no second word."""

    review: str
    module: str
    notes: str
    decided_at: datetime


class Ruling(Record):
    """What one reviewer sends: the decision, the drafts to publish, the words to the agents."""

    decision: Decision
    approved: tuple[str, ...] = ()
    notes: str = ""
    reviewer: str
    shown: str


def review_id(generation: str, round_number: int) -> str:
    """Name a review; the state machine reads it under this partition key."""
    return f"REVIEW#{generation}#{round_number}"


def shown_sha256(drafts: tuple[ReviewedDraft, ...]) -> str:
    """Bind a page to everything that it shows."""
    return fingerprint([one.model_dump(mode="json") for one in drafts])


def reviewer_id(address: str) -> str:
    """Name a reviewer in a link without telling the address."""
    return fingerprint(address.strip().lower())[:12]


def require_open(review: Review, *, now: datetime) -> None:
    """Check that a decision is still possible.

    Raises: AlreadyDecided, ReviewExpired or ReviewLocked.
    """
    if review.decision is Decision.EXPIRED:
        raise ReviewExpired(review.review)
    if review.decision is not Decision.PENDING:
        decided_at = review.decided_at.isoformat() if review.decided_at else ""
        raise AlreadyDecided(review.review, review.decided_by, decided_at, review.decision)
    if now >= review.expires_at:
        raise ReviewExpired(review.review)
    if review.wrong_codes >= MOST_WRONG_CODES:
        raise ReviewLocked(review.review)


def decide(review: Review, ruling: Ruling, *, now: datetime) -> Review:
    """Close a waiting review.

    Raises: AlreadyDecided, ReviewExpired, ReviewLocked, ReviewChanged or DecisionInvalid.
    """
    require_open(review, now=now)
    if ruling.shown != review.shown:
        raise ReviewChanged(review.review)
    _require_sense(review, ruling)
    return review.model_copy(
        update={
            "decision": ruling.decision,
            "approved": ruling.approved if ruling.decision is Decision.APPROVED else (),
            "notes": ruling.notes,
            "decided_by": ruling.reviewer,
            "decided_at": now,
        }
    )


def _require_sense(review: Review, ruling: Ruling) -> None:
    publishable = {one.draft for one in review.drafts if one.verified}
    if ruling.decision is Decision.APPROVED:
        if not ruling.approved:
            raise DecisionInvalid("Nothing is marked for publication. Approve at least one draft.")
        if not set(ruling.approved) <= publishable:
            raise DecisionInvalid("A draft that is not verified cannot be published.")
    elif ruling.decision is Decision.CHANGES_REQUESTED:
        if not ruling.notes.strip():
            raise DecisionInvalid("Say what should change, so that the agents can do it.")
    elif ruling.decision is not Decision.REJECTED:
        raise DecisionInvalid("Choose: publish, ask for changes, or reject all.")
    if len(ruling.notes) > MOST_NOTES:
        raise DecisionInvalid(f"The notes are longer than {MOST_NOTES} characters.")
