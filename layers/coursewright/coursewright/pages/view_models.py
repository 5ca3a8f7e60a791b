"""What a review page shows, gathered before anything is rendered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from coursewright.domain.assignment import Draft
from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import DraftEvidence, edited_texts
from coursewright.domain.edit import diff_lines
from coursewright.domain.errors import CoursewrightError, FormRejected, MailError
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.league import LeagueRow, with_decision
from coursewright.domain.problems import ProblemCode
from coursewright.domain.review import (
    MAX_ROUNDS,
    Decision,
    RejectedDraft,
    Review,
    named,
)
from coursewright.pages.edit_form import fields_of
from coursewright.pages.versions import Version, versions_of

SECONDS_TO_NEXT_LOOK = 2


class Problem(Record):
    """Why a submission was not recorded: the error's name, and what is wrong with the form."""

    name: str
    code: ProblemCode | None = None
    params: Mapping[str, str | int] = Field(default_factory=dict)

    @classmethod
    def from_error(cls, error: CoursewrightError) -> "Problem":
        """Return the problem that a page shows for an error."""
        if isinstance(error, FormRejected):
            return cls(name=type(error).__name__, code=error.code, params=error.params)
        is_email = isinstance(error, MailError)
        return cls(name=MailError.__name__ if is_email else type(error).__name__)


class Kept(Record):
    """What a reviewer had entered, so that a refused submission loses nothing."""

    decision: str = ""
    approved: tuple[str, ...] = ()
    rejected: tuple[RejectedDraft, ...] = ()
    notes: str = ""

    @property
    def reasons(self) -> dict[str, str]:
        """The reason for each rejected draft."""
        return {one.draft: one.reason for one in self.rejected}


class ReviewPage(Record):
    """One review as one reviewer sees it."""

    review: Review
    request: GenerationRequest
    drafts: tuple[DraftEvidence, ...]
    league: tuple[LeagueRow, ...]
    reviewer: str
    csrf: str
    shown_sha256: str
    earlier_notes: str
    closed_reason: str
    lesson: str = ""
    before: tuple[DraftEvidence, ...] = ()
    problem: Problem | None = None
    kept: Kept = Kept()
    invited: str = ""

    @property
    def is_open(self) -> bool:
        """Whether a decision is still possible."""
        return not self.closed_reason

    @property
    def is_last_round(self) -> bool:
        """Whether a request for changes would end the generation."""
        return self.review.round >= MAX_ROUNDS

    @property
    def compared(self) -> tuple[LeagueRow, ...]:
        """The league, with what was decided once that is known."""
        if not self.is_decided:
            return self.league
        shown = [one.draft for one in self.review.drafts if one.verified]
        edits = edited_texts(self.drafts)
        approved = self.review.approved
        return tuple(with_decision(row, shown, approved, edits) for row in self.league)

    def cost_of(self, draft: Draft) -> int | None:
        """Return what a draft cost, or None where its model's price is unknown."""
        rows = (row for row in self.league if row.model == draft.model)
        return next((row.cost_of(draft.draft) for row in rows), None)

    def place_of(self, draft: Draft) -> str:
        """Return the name by which links on the page find a draft."""
        return f"d{self.number_of(draft)}"

    def number_of(self, draft: Draft) -> int:
        """Return the place of a draft on the page, as its own page's address has it."""
        return next(at for at, one in enumerate(self.drafts, 1) if one.draft.draft == draft.draft)

    def rivals_of(self, draft: Draft) -> tuple[DraftEvidence, ...]:
        """Return what other models wrote for the same task and could be published."""
        return tuple(
            one
            for one in self.drafts
            if one.draft.number == draft.number
            and one.draft.draft != draft.draft
            and one.is_verified
        )

    def is_whole(self, shown: DraftEvidence) -> bool:
        """Return whether nothing of a draft had to be left out, so that all of them fit."""
        return any(one is shown for one in self.drafts)

    def whole(self, draft: Draft) -> DraftEvidence:
        """Return a draft with nothing left out."""
        return next(one for one in self.drafts if one.draft.draft == draft.draft)

    def before_of(self, draft: Draft) -> DraftEvidence | None:
        """Return what the same model wrote for the same task in the round before."""
        same = (one for one in self.before if one.draft.model == draft.model)
        return next((one for one in same if one.draft.number == draft.number), None)

    @property
    def is_decided(self) -> bool:
        """Whether a person has decided."""
        return _is_decided(self.review)


class ReviewSubpage(Record):
    """A page of a review that is not the review itself."""

    template: ClassVar[str]

    review: Review
    request: GenerationRequest
    reviewer: str
    csrf: str
    closed_reason: str
    problem: Problem | None = None
    kept: Kept = Kept()

    @property
    def is_open(self) -> bool:
        """Whether a decision is still possible."""
        return not self.closed_reason

    @property
    def is_decided(self) -> bool:
        """Whether a person has decided."""
        return _is_decided(self.review)

    @property
    def path(self) -> str:
        """The address of the review."""
        return f"/reviews/{self.review.generation}/{self.review.round}"

    @property
    def seconds_to_next_look(self) -> int:
        """Say when there may be something new, or 0."""
        return 0

    def who(self, name: str) -> str:
        """Say who stands behind a pseudonym."""
        return named(self.review, name)


class EditPage(ReviewSubpage):
    """One draft of a review, as a reviewer may change it."""

    template = "edit.html"

    one: DraftEvidence
    place: int
    shown_sha256: str
    fields: dict[str, str]
    seen: int
    is_signed_in: bool
    is_waiting: bool

    @property
    def seconds_to_next_look(self) -> int:
        """Look again while the sandbox works, unless something is being typed."""
        return SECONDS_TO_NEXT_LOOK if self.is_waiting and self.is_open and not self.problem else 0

    @property
    def typed_diff(self) -> str:
        """How what was typed differs from what now counts."""
        before = fields_of(self.one.parts)
        changed = (name for name, typed in self.fields.items() if before.get(name, "") != typed)
        parts = (diff_lines(name, before.get(name, ""), self.fields[name]) for name in changed)
        return "\n".join(line for part in parts for line in part)

    @property
    def versions(self) -> tuple[Version, ...]:
        """Every version with what it changed, newest first."""
        return versions_of(self.one)


class AuditLine(Record):
    """One entry of the audit, with the text that it names by its sha256."""

    at: datetime
    event: str
    facts: dict[str, Any]
    diff: str = ""
    notes: str = ""
    is_as_recorded: bool = True


class AuditPage(ReviewSubpage):
    """What is recorded of a review."""

    template = "audit.html"

    lines: tuple[AuditLine, ...]

    def for_programs(self) -> dict[str, Any]:
        """Return the audit for a program to read."""
        return {
            "review": self.review.review,
            "course": self.request.course.id,
            "module": self.request.module.id,
            "entries": [
                line.model_dump(mode="json") | {"who": self.who(str(line.facts["reviewer"]))}
                if "reviewer" in line.facts
                else line.model_dump(mode="json")
                for line in self.lines
            ],
        }


class AuditDocument(Record):
    """The audit of a review for a program to read."""

    content: dict[str, Any]


class FreshLinkPage(ReviewSubpage):
    """Where a reviewer asks for a fresh link."""

    template = "fresh_link.html"


class FreshLinkRequested(Record):
    """A fresh link was asked for; whether one is sent, only its owner learns, by mail."""


class ConfirmPage(ReviewSubpage):
    """What would be published in one go, before anything is decided."""

    template = "confirm.html"

    drafts: tuple[DraftEvidence, ...]
    others: int
    shown_sha256: str


class SessionOpened(Record):
    """A valid link: where it leads, and the session that it opens."""

    review: str
    location: str
    session: str
    seconds: int


class SubmissionAccepted(Record):
    """Something that is in the table: the page that tells of it, and a browser's sign-in."""

    location: str
    review: str = ""
    sign_in: str = ""
    seconds: int = 0


def _is_decided(review: Review) -> bool:
    return review.decision not in (Decision.PENDING, Decision.EXPIRED)
