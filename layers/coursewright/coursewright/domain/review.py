"""A review round and the reviewer's decision on it."""

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from coursewright.domain.base import Record, fingerprint, identity_content
from coursewright.domain.errors import (
    AlreadyDecided,
    ReviewExpired,
)
from coursewright.domain.evidence import FindingCode

MAX_ROUNDS = 3
MAX_NOTES_CHARS = 10_000
MAX_REASON_CHARS = 2_000
# Per review round: a table item is limited to 400 KB, and a character may take 4 bytes.
MAX_TOTAL_REASON_CHARS = 60_000
PSEUDONYM_PREFIX = "person:"


class Decision(StrEnum):
    """The outcome of a review round."""

    PENDING = "pending"
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    EXPIRED = "expired"


class SignIn(StrEnum):
    """How reviewers proved their identity; the link is always required."""

    CODE = "code"
    EARLIER_CODE = "earlier_code"  # entered earlier in this browser; not enough for a decision


class ReviewedDraft(Record):
    """A draft as shown to the reviewer, identified by a hash of its content."""

    draft: str
    verified: bool
    content_sha256: str
    blocking_doubts: tuple[FindingCode, ...] = ()


class RejectedDraft(Record):
    """A rejected draft and the reviewer's reason."""

    draft: str
    reason: str = ""


class Review(Record):
    """A review round, either waiting for a decision or closed."""

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
    confirmed: tuple[str, ...] = ()  # approved in spite of their blocking doubts
    notes: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    delivered: bool = False
    # Names by pseudonym, for pseudonyms whose salt no longer exists.
    known_as: dict[str, str] = Field(default_factory=dict)
    edition: int = 0  # incremented whenever an edit or its verification changes what is shown
    rejected: tuple[RejectedDraft, ...] = ()

    @property
    def path(self) -> str:
        """The path of the review page; it contains no secret."""
        return f"/reviews/{self.generation}/{self.round}"

    @property
    def confirmed_doubts(self) -> dict[str, tuple[FindingCode, ...]]:
        """The blocking doubts that the reviewer confirmed, by draft."""
        doubts = {draft.draft: draft.blocking_doubts for draft in self.drafts}
        return {draft: doubts[draft] for draft in self.confirmed}

    @property
    def is_decided(self) -> bool:
        """Whether a reviewer has decided."""
        return self.decision not in (Decision.PENDING, Decision.EXPIRED)

    def feedback_for(self, model: str) -> str:
        """Return the reviewer's notes and the reasons for rejecting this model's drafts."""
        own = (
            rejection
            for rejection in self.rejected
            if rejection.reason and rejection.draft.startswith(f"{model}/")
        )
        reasons = (f"Draft {each.draft.rpartition('/d')[2]}: {each.reason}" for each in own)
        return "\n".join(filter(None, (self.notes, *reasons)))


class ReviewSubmission(Record):
    """The content of a submitted review form: the decision, selected drafts and notes."""

    decision: Decision = Decision.PENDING
    approved: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()  # drafts whose blocking doubts the reviewer confirmed
    rejected: tuple[RejectedDraft, ...] = ()
    notes: str = ""
    shown_sha256: str = ""

    @property
    def reasons(self) -> dict[str, str]:
        """The reason for each rejected draft."""
        return {rejection.draft: rejection.reason for rejection in self.rejected}

    def is_unconfirmed(self, draft: str) -> bool:
        """Return whether a draft with blocking doubts is approved without confirming them."""
        return draft in self.approved and draft not in self.confirmed


class SavedSelection(Record):
    """A reviewer's unsubmitted selection; approved drafts are bound to the content shown."""

    decision: Decision = Decision.PENDING
    approved: tuple[ReviewedDraft, ...] = ()
    confirmed: tuple[str, ...] = ()
    rejected: tuple[RejectedDraft, ...] = ()
    notes: str = ""


class CourseNote(Record):
    """A reviewer's notes, stored to improve later generations of the course."""

    review: str
    module: str
    notes: str
    decided_at: datetime


def truncate_reasons(rejected: Iterable[RejectedDraft]) -> Iterator[RejectedDraft]:
    """Yield rejections with their reasons truncated to the size that a review can store."""
    left = MAX_TOTAL_REASON_CHARS
    for rejection in rejected:
        reason = rejection.reason[: min(left, MAX_REASON_CHARS)]
        left -= len(reason)
        yield rejection.model_copy(update={"reason": reason})


def review_id(generation: str, round_number: int) -> str:
    """Return the id of a review, which is also its partition key."""
    return f"REVIEW#{generation}#{round_number}"


def hash_shown_drafts(drafts: tuple[ReviewedDraft, ...]) -> str:
    """Return the hash that binds a decision to the drafts that were shown."""
    return fingerprint([identity_content(draft) for draft in drafts])


def reviewer_id(address: str) -> str:
    """Return the reviewer's id for links, which does not reveal the address."""
    return fingerprint(address.strip().lower())[:12]


def pseudonym(review: Review, address: str) -> str:
    """Return the reviewer's pseudonym for the audit; resolving it requires the review."""
    if address.startswith(PSEUDONYM_PREFIX):
        return address
    for earlier, known in review.known_as.items():
        if known == address:
            return earlier
    plain = address.strip().lower()
    digest = hmac.new(review.link_salt.encode(), plain.encode(), "sha256").hexdigest()
    return PSEUDONYM_PREFIX + digest[:16]


def display_names(review: Review) -> dict[str, str]:
    """Return the address for each pseudonym; erased reviewers are missing."""
    present = (each for each in review.reviewers if not each.startswith(PSEUDONYM_PREFIX))
    return review.known_as | {pseudonym(review, address): address for address in present}


def display_name(review: Review, name: str) -> str | None:
    """Return the address of a reviewer or pseudonym, or None if the reviewer was erased."""
    is_pseudonym = name.startswith(PSEUDONYM_PREFIX)
    return display_names(review).get(name, None if is_pseudonym else name)


def require_open(review: Review, *, now: datetime) -> None:
    """Raise if the review can no longer be decided.

    Raises: AlreadyDecided or ReviewExpired.
    """
    if review.decision is Decision.EXPIRED:
        raise ReviewExpired(review.review)
    if review.is_decided:
        decided_at = review.decided_at.isoformat() if review.decided_at else ""
        raise AlreadyDecided(review.review, review.decided_by, decided_at, review.decision)
    if now >= review.expires_at:
        raise ReviewExpired(review.review)
