"""A generation's progress according to its records."""

from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import DraftEvidence, edited_texts
from coursewright.domain.execution import Execution
from coursewright.domain.generation import UNFINISHED, Generation, GenerationStatus
from coursewright.domain.league import LeagueRow, with_decision
from coursewright.domain.review import Review


class ModelProgress(Record):
    """A model's progress in the newest round, and its cost in all rounds."""

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
    """The progress of a generation."""

    generation: Generation
    execution: Execution | None
    round: int
    models: tuple[ModelProgress, ...]
    drafts: tuple[DraftEvidence, ...]
    review: Review | None
    league: tuple[LeagueRow, ...]

    @property
    def is_open(self) -> bool:
        """Whether the generation has not finished."""
        return self.generation.status in UNFINISHED

    @property
    def stopped(self) -> Execution | None:
        """The execution, if it failed and is waiting for an operator."""
        is_stopped = self.is_open and self.execution and self.execution.has_stopped
        return self.execution if is_stopped else None

    @property
    def is_live(self) -> bool:
        """Whether the generation will continue without an operator's help."""
        return self.is_open and self.stopped is None and not self.is_abandoned

    @property
    def is_abandoned(self) -> bool:
        """Whether the generation is unfinished but Step Functions has no record of it."""
        return self.generation.status is GenerationStatus.ABANDONED

    @property
    def compared(self) -> tuple[LeagueRow, ...]:
        """The league table, including the decision once there is one."""
        if self.review is None or not self.review.is_decided:
            return self.league
        decided = [draft.draft for draft in self.review.drafts if draft.verified]
        approved, edits = self.review.approved, edited_texts(self.drafts)
        return tuple(with_decision(row, decided, approved, edits) for row in self.league)

    @property
    def known_micros(self) -> int:
        """The cost of all models with a known price, in micro-dollars."""
        return sum(model.micros or 0 for model in self.models)

    @property
    def unpriced(self) -> tuple[str, ...]:
        """The called models whose price is unknown."""
        return tuple(model.model for model in self.models if model.micros is None)
