"""What the authoring pages' pages show, gathered before anything is rendered."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import DraftEvidence, edited_texts
from coursewright.domain.execution import Execution
from coursewright.domain.export import Exported
from coursewright.domain.generation import UNFINISHED, Generation, GenerationStatus
from coursewright.domain.league import LeagueRow, with_decision
from coursewright.domain.model_call import ListedModel
from coursewright.domain.problems import ProblemCode
from coursewright.domain.review import Decision, Review
from coursewright.pages.authoring_form import AuthoringForm

OPEN_ENDED = (Decision.PENDING, Decision.EXPIRED)


class StageState(StrEnum):
    """Where a generation stands with one of its stages."""

    DONE = "done"
    NOW = "now"
    NEXT = "next"
    STOPPED = "stopped"
    SKIPPED = "skipped"


class Stage(Record):
    """One part of the way from a lesson to its assignments."""

    name: str
    state: StageState
    detail: str


class ModelProgress(Record):
    """How far one model has come in the newest round, and what it cost in all rounds."""

    model: str
    wanted: int
    written: int
    tests: int
    solutions: int
    checked: int
    verified: int
    calls: int
    seconds: float
    micros: int | None


class Progress(Record):
    """A generation as its records tell of it."""

    generation: Generation
    run: Execution | None
    round: int
    models: tuple[ModelProgress, ...]
    drafts: tuple[DraftEvidence, ...]
    review: Review | None
    rows: tuple[LeagueRow, ...]

    @property
    def is_open(self) -> bool:
        """Whether the generation has not ended."""
        return self.generation.status in UNFINISHED

    @property
    def stopped(self) -> Execution | None:
        """The run if it waits for an operator."""
        return self.run if self.is_open and self.run and self.run.has_stopped else None

    @property
    def is_live(self) -> bool:
        """Whether more happens by itself."""
        return self.is_open and self.stopped is None and not self.is_abandoned

    @property
    def is_abandoned(self) -> bool:
        """Whether the engine has forgotten a run that never ended."""
        return self.generation.status is GenerationStatus.ABANDONED

    @property
    def league(self) -> tuple[LeagueRow, ...]:
        """The models compared, best first."""
        return self.rows

    @property
    def compared(self) -> tuple[LeagueRow, ...]:
        """The league, with what was decided once that is known."""
        if self.review is None or self.review.decision in OPEN_ENDED:
            return self.rows
        shown = [one.draft for one in self.review.drafts if one.verified]
        approved, edits = self.review.approved, edited_texts(self.drafts)
        return tuple(with_decision(row, shown, approved, edits) for row in self.rows)

    @property
    def known_micros(self) -> int:
        """What all calls of models with a known price cost."""
        return sum(one.micros or 0 for one in self.models)

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Name the models that were called and whose price nobody knows."""
        return tuple(one.model for one in self.models if one.micros is None)


class GenerationPage(Record):
    """One generation, and how an operator finds its run."""

    progress: Progress
    console: str
    command: str

    @property
    def is_exportable(self) -> bool:
        """Whether there is anything that was approved."""
        return self.progress.generation.status is GenerationStatus.PUBLISHED


class NotStarted(Record):
    """A generation that nobody has claimed, or not yet."""

    generation: str


class ListedGeneration(Record):
    """One line of the list; a generation that has ended needs no progress."""

    generation: Generation
    progress: Progress | None


class ListPage(Record):
    """The generations of a month, newest first."""

    month: str
    earlier: str
    later: str
    generations: tuple[ListedGeneration, ...]
    others: int

    @property
    def is_live(self) -> bool:
        """Whether one of them goes on by itself."""
        return any(one.progress and one.progress.is_live for one in self.generations)


class ModelCost(Record):
    """What one model may cost in the first round; None where its price is unknown."""

    model: str
    micros: int | None
    counted_micros: int


class Estimate(Record):
    """What the first round may cost, before anything is paid."""

    costs: tuple[ModelCost, ...]
    calls: int
    drafts: int
    lesson_characters: int

    @property
    def counted_micros(self) -> int:
        """What the budget would set aside."""
        return sum(one.counted_micros for one in self.costs)


class FormProblem(Record):
    """Why nothing was started, and the form field at fault, if there is one.

    `text` is the validator's own message, shown where there is no code.
    """

    field: str
    code: ProblemCode | None = None
    params: Mapping[str, str | int] = Field(default_factory=dict)
    text: str = ""


class FormPage(Record):
    """The form for a new generation."""

    form: AuthoringForm
    models: tuple[ListedModel, ...]
    estimate: Estimate | None = None
    problem: FormProblem | None = None


class GenerationRequested(Record):
    """An event is on the bus: the page of the generation that comes of it."""

    location: str


class ExportReady(Record):
    """A file of approved assignments, behind a link that soon expires."""

    generation: str
    exported: Exported


class ExportRefused(Record):
    """An export that cannot be, and why."""

    generation: str
    text: str


class ForeignForm(Record):
    """A form that did not come from a page of the authoring pages."""
