"""View models of the authoring pages, complete before anything is rendered."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from coursewright.domain.base import Record
from coursewright.domain.estimate import CostEstimate
from coursewright.domain.export import Export, Format
from coursewright.domain.generation import Generation, GenerationStatus
from coursewright.domain.model_call import ListedModel
from coursewright.domain.problems import ProblemCode
from coursewright.domain.progress import Progress
from coursewright.pages.authoring_form import AuthoringForm


class PhaseState(StrEnum):
    """Where a generation is with respect to one phase."""

    DONE = "done"
    NOW = "now"
    NEXT = "next"
    STOPPED = "stopped"
    SKIPPED = "skipped"


class Phase(Record):
    """One phase between a lesson and its assignments."""

    name: str
    state: PhaseState
    detail: str


class GenerationPage(Record):
    """One generation, with the console link or the command that shows its execution."""

    progress: Progress
    console: str
    command: str

    @property
    def is_exportable(self) -> bool:
        """Whether there are approved assignments."""
        return self.progress.generation.status is GenerationStatus.PUBLISHED


class NotStartedPage(Record):
    """A generation that does not exist, or not yet."""

    generation: str


class ListedGeneration(Record):
    """One line of the list; only open generations have a progress."""

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
        """Whether any generation on the page is still progressing."""
        return any(each.progress and each.progress.is_live for each in self.generations)


class FormProblem(Record):
    """Why nothing was started; `field` is empty if no single field is at fault.

    `text` is the validator's own message, shown if there is no code.
    """

    field: str
    code: ProblemCode | None = None
    params: Mapping[str, str | int] = Field(default_factory=dict)
    text: str = ""


class FormPage(Record):
    """The form for a new generation."""

    form: AuthoringForm
    models: tuple[ListedModel, ...]
    estimate: CostEstimate | None = None
    problem: FormProblem | None = None


class ExportPage(Record):
    """A finished export behind a link that expires soon."""

    generation: str
    export: Export
    link: str


class ExportPendingPage(Record):
    """An export that is being prepared."""

    generation: str
    format: Format


class ExportFailedPage(Record):
    """An export that is impossible, and why; without a text, an export that does not exist."""

    generation: str
    text: str = ""
