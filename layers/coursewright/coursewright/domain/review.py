"""A review round and the reviewer's decision on it."""

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
    notes: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    wrong_codes: int = 0
    delivered: bool = False
    # Names by pseudonym, for pseudonyms whose salt no longer exists.
    known_as: dict[str, str] = Field(default_factory=dict)
    edition: int = 0  # incremented whenever an edit or its verification changes what is shown
    rejected: tuple[RejectedDraft, ...] = ()
    link_salts: dict[str, str] = Field(default_factory=dict)  # salts of reviewers with a fresh link
    renewals: int = 0
    renewed_at: datetime | None = None

    @property
    def path(self) -> str:
        """The path of the review page; it contains no secret."""
        return f"/reviews/{self.generation}/{self.round}"

    @property
    def is_decided(self) -> bool:
        """Whether a reviewer has decided."""
        return self.decision not in (Decision.PENDING, Decision.EXPIRED)

    def salt_for(self, reviewer: str) -> str:
        """Return the salt of a reviewer's newest link and code."""
        return self.link_salts.get(reviewer, self.link_salt)

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
    rejected: tuple[RejectedDraft, ...] = ()
    notes: str = ""
    shown_sha256: str = ""

    @property
    def reasons(self) -> dict[str, str]:
        """The reason for each rejected draft."""
        return {rejection.draft: rejection.reason for rejection in self.rejected}


class SavedSelection(Record):
    """A reviewer's unsubmitted selection; approved drafts are bound to the content shown."""

    decision: Decision = Decision.PENDING
    approved: tuple[ReviewedDraft, ...] = ()
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
    return fingerprint([draft.model_dump(mode="json") for draft in drafts])


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

    Raises: AlreadyDecided, ReviewExpired or ReviewLocked.
    """
    if review.decision is Decision.EXPIRED:
        raise ReviewExpired(review.review)
    if review.is_decided:
        decided_at = review.decided_at.isoformat() if review.decided_at else ""
        raise AlreadyDecided(review.review, review.decided_by, decided_at, review.decision)
    if now >= review.expires_at:
        raise ReviewExpired(review.review)
    if review.wrong_codes >= MAX_WRONG_CODES:
        raise ReviewLocked(review.review)


def decide(review: Review, submission: ReviewSubmission, *, reviewer: str, now: datetime) -> Review:
    """Return the review, closed with the reviewer's decision.

    Raises: AlreadyDecided, ReviewExpired, ReviewLocked, ReviewChanged or DecisionInvalid.
    """
    require_open(review, now=now)
    if submission.shown_sha256 != review.shown_sha256:
        raise ReviewChanged(review.review)
    _require_valid(review, submission)
    is_approved = submission.decision is Decision.APPROVED
    return review.model_copy(
        update={
            "decision": submission.decision,
            "approved": submission.approved if is_approved else (),
            "rejected": submission.rejected,
            "notes": submission.notes,
            "decided_by": reviewer,
            "decided_at": now,
        }
    )


def is_same_decision(review: Review, submission: ReviewSubmission, *, reviewer: str) -> bool:
    """Return whether a closed review already records exactly this submission."""
    is_approved = submission.decision is Decision.APPROVED
    approved = submission.approved if is_approved else ()
    submitted = (reviewer, submission.decision, approved, submission.rejected, submission.notes)
    return submitted == (
        review.decided_by,
        review.decision,
        review.approved,
        review.rejected,
        review.notes,
    )


def _require_valid(review: Review, submission: ReviewSubmission) -> None:
    _require_valid_rejections(review, submission)
    publishable = {draft.draft for draft in review.drafts if draft.verified}
    if submission.decision is Decision.APPROVED:
        if not submission.approved:
            raise DecisionInvalid(ProblemCode.NOTHING_APPROVED)
        if not set(submission.approved) <= publishable:
            raise DecisionInvalid(ProblemCode.UNVERIFIED_APPROVED)
    elif submission.decision is Decision.CHANGES_REQUESTED:
        if not submission.notes.strip() and not any(submission.reasons.values()):
            raise DecisionInvalid(ProblemCode.NO_CHANGES_DESCRIBED)
    elif submission.decision is not Decision.REJECTED:
        raise DecisionInvalid(ProblemCode.NO_DECISION)
    if len(submission.notes) > MAX_NOTES_CHARS:
        raise DecisionInvalid(ProblemCode.NOTES_TOO_LONG, limit=MAX_NOTES_CHARS)


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
