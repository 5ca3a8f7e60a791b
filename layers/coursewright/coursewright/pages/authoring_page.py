"""View models of the authoring pages, fully loaded before rendering starts."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from coursewright.domain.base import Record
from coursewright.domain.estimate import CostEstimate
from coursewright.domain.export import Export, Format
from coursewright.domain.export_problem import ExportProblem
from coursewright.domain.generation import Generation, GenerationStatus
from coursewright.domain.model_call import ListedModel
from coursewright.domain.problems import ProblemCode, SignInProblem
from coursewright.domain.progress import Progress
from coursewright.pages.authoring_form import AuthoringForm


class PhaseState(StrEnum):
    """The state of one phase of a generation."""

    DONE = "done"
    NOW = "now"
    NEXT = "next"
    STOPPED = "stopped"
    SKIPPED = "skipped"


class Phase(Record):
    """One phase on the way from a lesson to its assignments."""

    name: str
    state: PhaseState
    detail: str


class GenerationPage(Record):
    """A generation, with the console link or command that shows its execution."""

    progress: Progress
    console: str
    command: str

    @property
    def is_exportable(self) -> bool:
        """Whether there are approved assignments to export."""
        return self.progress.generation.status is GenerationStatus.PUBLISHED


class Viewer(Record):
    """The author who looks at a page; only a session in this browser can be ended."""

    name: str
    has_session: bool = False


class SignInPage(Record):
    """The page for visitors who have not signed in, or could not."""

    problem: SignInProblem | None = None


class SignedOutPage(Record):
    """The page shown after signing out; `address` is the URL for also signing out at the issuer."""

    address: str = ""


class NotStartedPage(Record):
    """A generation that does not exist (yet)."""

    generation: str


class ListedGeneration(Record):
    """One line of the list; only open generations have their progress."""

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
        """Whether any generation on the page is still in progress."""
        return any(each.progress and each.progress.is_live for each in self.generations)


class FormProblem(Record):
    """The reason why nothing was started; `field` is empty if no single field is at fault.

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
    """A finished export, with a short-lived link."""

    generation: str
    export: Export
    link: str


class ExportPendingPage(Record):
    """An export that is being prepared."""

    generation: str
    format: Format


class ExportFailedPage(Record):
    """The problems of an impossible export; if there are none, the export does not exist."""

    generation: str
    problems: tuple[ExportProblem, ...] = ()
