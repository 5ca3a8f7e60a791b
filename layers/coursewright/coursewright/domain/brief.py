"""The brief: how many tasks a course author wants, for which audience and from which models."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from coursewright.domain.base import Record

MAX_READ_CALLS = 6  # per agent invocation in `explore` mode
MAX_DRAFTS = 100  # models × tasks; an execution history is limited to 25,000 events
MAX_CROSS_CHECKS = 100  # drafts × other models; each adds a fifth as many events as a draft

# Omitted from the identity at their defaults, so that adding an option changes no generation id.
OPTIONS = ("mode", "hints", "cross_check")

ModelId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*:[^\s#/|]{1,80}$")]


class Kind(StrEnum):
    """The programming language of a course's assignments."""

    PYTHON = "python"
    SQL = "sql"


class Level(StrEnum):
    """The learners' level of experience."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Mode(StrEnum):
    """How an agent answers: by calling its tool, as JSON, or after exploring with read tools."""

    TOOL = "tool"
    JSON = "json"
    EXPLORE = "explore"


class Audience(Record):
    """The learners for whom the assignments are written."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    level: Level = Level.BEGINNER
    known_topics: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        default=(), max_length=100
    )


class BriefDefaults(Record):
    """Values for fields missing from an event."""

    tasks_count: int
    models: tuple[str, ...]
    language: str
    reviewers: tuple[str, ...]


class RequestedBrief(BaseModel):
    """A brief as received in an event; every field is optional."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    tasks_count: int | None = Field(default=None, ge=1, le=20, strict=True)
    models: tuple[ModelId, ...] | None = Field(default=None, min_length=1, max_length=20)
    language: str | None = Field(default=None, pattern=r"^[a-z]{2}(-[A-Z]{2})?$")
    audience: Audience = Audience()
    mode: Mode = Mode.TOOL
    hints: bool = Field(default=False, strict=True)
    cross_check: bool = Field(default=False, strict=True)

    @model_validator(mode="after")
    def _fits_one_execution(self) -> Self:
        if self.models and len(set(self.models)) != len(self.models):
            raise ValueError("models contains duplicates")
        if (self.tasks_count or 1) * len(self.models or ("",)) > MAX_DRAFTS:
            raise ValueError(f"tasks_count × models exceeds {MAX_DRAFTS}")
        others = len(self.models or ("",)) - 1
        drafts = (self.tasks_count or 1) * (others + 1)
        if self.cross_check and drafts * others > MAX_CROSS_CHECKS:
            raise ValueError(f"cross_check requires more than {MAX_CROSS_CHECKS} solutions")
        return self

    def completed(self, kind: Kind, defaults: BriefDefaults) -> "Brief":
        """Fill in the defaults and sort the models, so that their order does not affect the id."""
        return Brief(
            kind=kind,
            tasks_count=self.tasks_count or defaults.tasks_count,
            models=tuple(sorted(self.models or defaults.models)),
            language=self.language or defaults.language,
            audience=self.audience,
            mode=self.mode,
            hints=self.hints,
            cross_check=self.cross_check,
        )


class Brief(Record):
    """A complete brief, the same for every model."""

    kind: Kind
    tasks_count: int = Field(ge=1, le=20)
    models: tuple[str, ...] = Field(min_length=1)
    language: str
    audience: Audience
    mode: Mode = Mode.TOOL
    hints: bool = False
    cross_check: bool = False

    @property
    def identity(self) -> dict[str, Any]:
        """The fields that identify this brief, without options at their default values."""
        chosen = self.model_dump(mode="json") | {"models": sorted(self.models)}
        return {
            name: value
            for name, value in chosen.items()
            if name not in OPTIONS or value != Brief.model_fields[name].default
        }
