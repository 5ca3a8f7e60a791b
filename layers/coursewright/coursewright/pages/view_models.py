"""View models of the review pages, fully loaded before rendering starts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from coursewright.domain.assignment import Draft
from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import DraftEvidence, edited_texts
from coursewright.domain.edit import diff_lines
from coursewright.domain.errors import CoursewrightError, FormRejected, MailError
from coursewright.domain.evidence import Finding
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.league import LeagueRow, with_decision
from coursewright.domain.problems import ProblemCode
from coursewright.domain.review import MAX_ROUNDS, Review, ReviewSubmission
from coursewright.markup.formatting import reviewer_name
from coursewright.pages.diffs import Version, draft_versions
from coursewright.pages.edit_form import form_fields

REFRESH_SECONDS = 2


class Problem(Record):
    """The reason why a form was rejected: the error's name and details of the problem."""

    name: str
    code: ProblemCode | None = None
    params: Mapping[str, str | int] = Field(default_factory=dict)

    @classmethod
    def from_error(cls, error: CoursewrightError) -> "Problem":
        """Return the problem to show on a page for an error."""
        if isinstance(error, FormRejected):
            return cls(name=type(error).__name__, code=error.code, params=error.params)
        is_email = isinstance(error, MailError)
        return cls(name=MailError.__name__ if is_email else type(error).__name__)


class ReviewPage(Record):
    """A review as one reviewer sees it."""

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
    submission: ReviewSubmission = ReviewSubmission()
    invited: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the review can still be decided."""
        return not self.closed_reason

    @property
    def is_last_round(self) -> bool:
        """Whether requesting changes would end the generation."""
        return self.review.round >= MAX_ROUNDS

    @property
    def is_decided(self) -> bool:
        """Whether a reviewer has decided."""
        return self.review.is_decided

    @property
    def compared(self) -> tuple[LeagueRow, ...]:
        """The league table, including the decision once there is one."""
        if not self.is_decided:
            return self.league
        decided = [draft.draft for draft in self.review.drafts if draft.verified]
        edits = edited_texts(self.drafts)
        approved = self.review.approved
        return tuple(with_decision(row, decided, approved, edits) for row in self.league)

    def cost_of(self, draft: Draft) -> int | None:
        """Return the draft's cost in micro-dollars, or None if its model's price is unknown."""
        rows = (row for row in self.league if row.model == draft.model)
        return next((row.cost_of(draft.draft) for row in rows), None)

    def html_id(self, draft: Draft) -> str:
        """Return the draft's HTML id on the page."""
        return f"d{self.position(draft)}"

    def position(self, draft: Draft) -> int:
        """Return the draft's position on the page, from 1, as used in the path of its edit page."""
        names = [each.draft.draft for each in self.drafts]
        return names.index(draft.draft) + 1

    def rivals_of(self, draft: Draft) -> tuple[DraftEvidence, ...]:
        """Return the verified drafts of other models for the same task."""
        return tuple(
            each
            for each in self.drafts
            if each.draft.number == draft.number
            and each.draft.draft != draft.draft
            and each.is_verified
        )

    @property
    def unconfirmed(self) -> tuple[DraftEvidence, ...]:
        """The drafts that are approved without confirming their blocking doubts."""
        is_unconfirmed = self.submission.is_unconfirmed
        doubtful = (draft for draft in self.drafts if draft.blocking_doubts)
        return tuple(draft for draft in doubtful if is_unconfirmed(draft.draft.draft))

    def is_whole(self, rendered: DraftEvidence) -> bool:
        """Return whether the draft is rendered without truncation."""
        return any(each is rendered for each in self.drafts)

    def whole(self, draft: Draft) -> DraftEvidence:
        """Return the draft without truncation."""
        return self.drafts[self.position(draft) - 1]

    def previous_draft(self, draft: Draft) -> DraftEvidence | None:
        """Return the same model's draft for the same task in the previous round."""
        same = (each for each in self.before if each.draft.model == draft.model)
        return next((each for each in same if each.draft.number == draft.number), None)


class ReviewSubpage(Record):
    """A subpage of a review, such as a draft's edit form or the audit trail."""

    template: ClassVar[str]

    review: Review
    request: GenerationRequest
    reviewer: str
    csrf: str
    closed_reason: str
    problem: Problem | None = None
    submission: ReviewSubmission = ReviewSubmission()

    @property
    def is_open(self) -> bool:
        """Whether the review can still be decided."""
        return not self.closed_reason

    @property
    def is_decided(self) -> bool:
        """Whether a reviewer has decided."""
        return self.review.is_decided

    @property
    def path(self) -> str:
        """The path of the review page."""
        return self.review.path

    @property
    def refresh_seconds(self) -> int:
        """Seconds until the browser reloads the page, or 0 if it does not."""
        return 0

    def who(self, name: str) -> str:
        """Return the address of the reviewer recorded under a pseudonym, if not erased."""
        return reviewer_name(self.review, name)


class EditPage(ReviewSubpage):
    """The form in which a reviewer edits one draft."""

    template = "edit.html"

    draft: DraftEvidence
    place: int
    shown_sha256: str
    fields: dict[str, str]
    seen: int
    is_signed_in: bool
    is_waiting: bool

    @property
    def refresh_seconds(self) -> int:
        """Seconds until the browser reloads the page while the sandbox checks the edit."""
        return REFRESH_SECONDS if self.is_waiting and self.is_open and not self.problem else 0

    @property
    def typed_diff(self) -> str:
        """The diff between the current version and the reviewer's input."""
        before = form_fields(self.draft.parts)
        changed = (name for name, typed in self.fields.items() if before.get(name, "") != typed)
        parts = (diff_lines(name, before.get(name, ""), self.fields[name]) for name in changed)
        return "\n".join(line for part in parts for line in part)

    @property
    def versions(self) -> tuple[Version, ...]:
        """All versions of the draft, newest first."""
        return draft_versions(self.draft)


class AuditLine(Record):
    """An audit entry, with the text that the entry identifies by its hash."""

    at: datetime
    event: str
    facts: dict[str, Any]
    diff: str = ""
    notes: str = ""
    confirmed: dict[str, tuple[Finding, ...]] = Field(default_factory=dict)  # doubts by draft
    is_as_recorded: bool = True


class AuditPage(ReviewSubpage):
    """The audit trail of a review."""

    template = "audit.html"

    lines: tuple[AuditLine, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the audit trail as JSON-compatible data."""
        return {
            "review": self.review.review,
            "course": self.request.course.id,
            "module": self.request.module.id,
            "entries": [self._entry(line) for line in self.lines],
        }

    def _entry(self, line: AuditLine) -> dict[str, Any]:
        entry = line.model_dump(mode="json")
        if "author" in line.facts:
            return entry | {"who": self.author(line)}
        if "reviewer" not in line.facts:
            return entry
        return entry | {"who": self.who(str(line.facts["reviewer"]))}

    def author(self, line: AuditLine) -> str:
        """Return the name of the author in an entry, or the pseudonym of someone else."""
        known, salt = self.request.author, self.request.author_salt
        name = str(line.facts["author"])
        return known.label if known and known.pseudonym(salt) == name else name


class FreshLinkPage(ReviewSubpage):
    """The page on which a reviewer requests a fresh link."""

    template = "fresh_link.html"


class ConfirmPage(ReviewSubpage):
    """The drafts that a bulk action would publish, for confirmation before the decision."""

    template = "confirm.html"

    drafts: tuple[DraftEvidence, ...]
    others: int
    shown_sha256: str
