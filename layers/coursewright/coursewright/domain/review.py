"""One round of a person's decision."""

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from coursewright.domain.base import Record, fingerprint
from coursewright.domain.errors import (
    AlreadyDecided,
    DecisionInvalid,
    ReviewChanged,
    ReviewExpired,
    ReviewLocked,
)
from coursewright.domain.problems import ProblemCode

MAX_ROUNDS = 3
MAX_WRONG_CODES = 5
MAX_NOTES_CHARS = 10_000
MAX_REASON_CHARS = 2_000
MAX_TOTAL_REASON_CHARS = (
    60_000  # of a round; a table item ends at 400 KB, and a letter may take 4 bytes
)
PERSON = "person:"
FORGOTTEN = "a reviewer who was forgotten"


class Decision(StrEnum):
    """What becomes of a round."""

    PENDING = "pending"
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    EXPIRED = "expired"


class SignIn(StrEnum):
    """How a reviewer proved who they are; the link is always needed."""

    CODE = "code"
    EARLIER_CODE = "earlier_code"  # entered in this browser before; never enough for a decision


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
    shown_sha256: str
    link_salt: str
    opened_at: datetime
    expires_at: datetime
    decision: Decision = Decision.PENDING
    approved: tuple[str, ...] = ()
    notes: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    wrong_codes: int = 0
    delivered: bool = False
    known_as: dict[str, str] = Field(default_factory=dict)  # by a link_salt that was thrown away
    edition: int = 0  # how often an edit or its verification changed what is shown
    rejected: tuple["RejectedDraft", ...] = ()
    link_salts: dict[str, str] = Field(default_factory=dict)  # of reviewers with a fresh link
    renewals: int = 0
    renewed_at: datetime | None = None

    def salt_for(self, reviewer: str) -> str:
        """Return what makes a reviewer's newest link and code."""
        return self.link_salts.get(reviewer, self.link_salt)

    def feedback_for(self, model: str) -> str:
        """Return the notes, and why this model's own drafts were rejected."""
        own = (one for one in self.rejected if one.reason and one.draft.startswith(f"{model}/"))
        reasons = (f"Draft {one.draft.rpartition('/d')[2]}: {one.reason}" for one in own)
        return "\n".join(filter(None, (self.notes, *reasons)))


class RejectedDraft(Record):
    """A draft that a reviewer does not want, and why."""

    draft: str
    reason: str = ""


class Marks(Record):
    """What a reviewer has marked but not sent, each draft bound to what was shown of it."""

    decision: str = ""
    approved: tuple[ReviewedDraft, ...] = ()
    rejected: tuple[RejectedDraft, ...] = ()
    notes: str = ""


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
    rejected: tuple[RejectedDraft, ...] = ()
    notes: str = ""
    reviewer: str
    shown_sha256: str


def shortened(rejected: Iterable[RejectedDraft]) -> Iterator[RejectedDraft]:
    """Return rejections with as much of their reasons as a review may hold."""
    left = MAX_TOTAL_REASON_CHARS
    for one in rejected:
        kept = one.reason[: min(left, MAX_REASON_CHARS)]
        left -= len(kept)
        yield one.model_copy(update={"reason": kept})


def review_id(generation: str, round_number: int) -> str:
    """Name a review; the state machine reads it under this partition key."""
    return f"REVIEW#{generation}#{round_number}"


def hash_shown_drafts(drafts: tuple[ReviewedDraft, ...]) -> str:
    """Bind a page to everything that it shows."""
    return fingerprint([one.model_dump(mode="json") for one in drafts])


def reviewer_id(address: str) -> str:
    """Name a reviewer in a link without telling the address."""
    return fingerprint(address.strip().lower())[:12]


def pseudonym(review: Review, address: str) -> str:
    """Name a reviewer in the audit, which nobody can change: only the review tells who it is."""
    if address.startswith(PERSON):
        return address
    for earlier, known in review.known_as.items():
        if known == address:
            return earlier
    plain = address.strip().lower()
    digest = hmac.new(review.link_salt.encode(), plain.encode(), "sha256").hexdigest()
    return PERSON + digest[:16]


def names(review: Review) -> dict[str, str]:
    """Say who stands behind each pseudonym; whoever is missing was forgotten (`FORGOTTEN`)."""
    present = (one for one in review.reviewers if not one.startswith(PERSON))
    return review.known_as | {pseudonym(review, one): one for one in present}


def named(review: Review, who: str) -> str:
    """Return what people may read of somebody: the address, unless the person was forgotten."""
    return names(review).get(who, FORGOTTEN if who.startswith(PERSON) else who)


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
    if review.wrong_codes >= MAX_WRONG_CODES:
        raise ReviewLocked(review.review)


def decide(review: Review, ruling: Ruling, *, now: datetime) -> Review:
    """Close a waiting review.

    Raises: AlreadyDecided, ReviewExpired, ReviewLocked, ReviewChanged or DecisionInvalid.
    """
    require_open(review, now=now)
    if ruling.shown_sha256 != review.shown_sha256:
        raise ReviewChanged(review.review)
    _require_sense(review, ruling)
    return review.model_copy(
        update={
            "decision": ruling.decision,
            "approved": ruling.approved if ruling.decision is Decision.APPROVED else (),
            "rejected": ruling.rejected,
            "notes": ruling.notes,
            "decided_by": ruling.reviewer,
            "decided_at": now,
        }
    )


def _require_sense(review: Review, ruling: Ruling) -> None:
    _require_sense_of_rejections(review, ruling)
    publishable = {one.draft for one in review.drafts if one.verified}
    if ruling.decision is Decision.APPROVED:
        if not ruling.approved:
            raise DecisionInvalid(ProblemCode.NOTHING_APPROVED)
        if not set(ruling.approved) <= publishable:
            raise DecisionInvalid(ProblemCode.UNVERIFIED_APPROVED)
    elif ruling.decision is Decision.CHANGES_REQUESTED:
        if not ruling.notes.strip() and not any(one.reason for one in ruling.rejected):
            raise DecisionInvalid(ProblemCode.NO_CHANGES_DESCRIBED)
    elif ruling.decision is not Decision.REJECTED:
        raise DecisionInvalid(ProblemCode.NO_DECISION)
    if len(ruling.notes) > MAX_NOTES_CHARS:
        raise DecisionInvalid(ProblemCode.NOTES_TOO_LONG, limit=MAX_NOTES_CHARS)


def _require_sense_of_rejections(review: Review, ruling: Ruling) -> None:
    rejected = {one.draft for one in ruling.rejected}
    if not rejected <= {one.draft for one in review.drafts}:
        raise DecisionInvalid(ProblemCode.UNKNOWN_DRAFT_REJECTED)
    if ruling.decision is Decision.APPROVED and rejected & set(ruling.approved):
        raise DecisionInvalid(ProblemCode.APPROVED_AND_REJECTED)
    if any(len(one.reason) > MAX_REASON_CHARS for one in ruling.rejected):
        raise DecisionInvalid(ProblemCode.REASON_TOO_LONG, limit=MAX_REASON_CHARS)
    if sum(len(one.reason) for one in ruling.rejected) > MAX_TOTAL_REASON_CHARS:
        raise DecisionInvalid(ProblemCode.REASONS_TOO_LONG, limit=MAX_TOTAL_REASON_CHARS)
