"""One run of the workflow for one lesson and brief, and the names that make it run once."""

import re
from datetime import datetime, timedelta
from enum import StrEnum

from coursewright.domain.base import Record, fingerprint
from coursewright.domain.brief import Brief
from coursewright.domain.lesson import LessonPointer

NAME_LENGTH = 80  # of a Step Functions execution
MAX_EXECUTION_DURATION = timedelta(days=124)  # the machine's time-out and a redrive's fourteen days


class GenerationStatus(StrEnum):
    """How a generation stands or ended."""

    RUNNING = "running"
    STOPPED = "stopped"  # its execution ended early; a redrive lets it run again
    ABANDONED = "abandoned"  # the engine does not know its execution any more
    PUBLISHED = "published"
    REJECTED = "rejected"
    EXPIRED = "expired"
    NOTHING_TO_REVIEW = "nothing_to_review"


UNFINISHED = (GenerationStatus.RUNNING, GenerationStatus.STOPPED, GenerationStatus.ABANDONED)


class CourseRef(Record):
    """A course without its other facts."""

    id: str
    title: str


class ModuleRef(Record):
    """A module without its lesson."""

    id: str
    title: str


class GenerationRequest(Record):
    """The input of the state machine: pointers and wishes, no bodies."""

    generation: str
    course: CourseRef
    module: ModuleRef
    lesson: LessonPointer
    brief: Brief
    models: tuple[str, ...]
    reviewers: tuple[str, ...]


class Generation(Record):
    """A claimed generation as the table knows it."""

    request: GenerationRequest
    status: GenerationStatus
    started_at: datetime
    execution: str


def generation_id(
    course: str, module: str, lesson_sha256: str, brief: Brief, request_id: str
) -> str:
    """Return the identifier that the same wish always has, whatever event brought it."""
    return fingerprint([course, module, lesson_sha256, brief.wish, request_id])[:16]


def months_between(first: str, last: str) -> list[str]:
    """Return all months from one to another, such as 2026-01."""
    begin, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{number // 12}-{number % 12 + 1:02}" for number in range(begin, end + 1)]


def execution_name(module: str, generation: str) -> str:
    """Name the execution after what it makes, within the engine's length and letters."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "-", module)
    return f"{plain[: NAME_LENGTH - len(generation) - 1]}-{generation}"
