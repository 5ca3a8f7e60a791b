"""A generation: one execution of the workflow, identified by its lesson and brief."""

import re
from datetime import datetime, timedelta
from enum import StrEnum

from coursewright.domain.author import Author
from coursewright.domain.base import Record, fingerprint
from coursewright.domain.brief import Brief
from coursewright.domain.lesson import LessonPointer

MAX_NAME_CHARS = 80  # Step Functions' limit for execution names
MAX_EXECUTION_DURATION = timedelta(days=124)  # the machine's timeout plus 14 days of redrives


class GenerationStatus(StrEnum):
    """The status of a generation."""

    RUNNING = "running"
    STOPPED = "stopped"  # the execution failed, timed out or was aborted; it can be redriven
    ABANDONED = "abandoned"  # Step Functions no longer has a record of the execution
    PUBLISHED = "published"
    REJECTED = "rejected"
    EXPIRED = "expired"
    NOTHING_TO_REVIEW = "nothing_to_review"


UNFINISHED = (GenerationStatus.RUNNING, GenerationStatus.STOPPED, GenerationStatus.ABANDONED)


class CourseRef(Record):
    """A course, by id and title."""

    id: str
    title: str


class ModuleRef(Record):
    """A module, by id and title."""

    id: str
    title: str


class GenerationRequest(Record):
    """The state machine's input: ids, options and S3 pointers, never content."""

    generation: str
    course: CourseRef
    module: ModuleRef
    lesson: LessonPointer
    brief: Brief
    models: tuple[str, ...]
    reviewers: tuple[str, ...]
    author: Author | None = None  # nobody, if the course platform requested the generation
    author_salt: str = ""  # of the pseudonyms of authors in the audit


class Generation(Record):
    """A generation as stored in the table."""

    request: GenerationRequest
    status: GenerationStatus
    started_at: datetime
    execution: str


def generation_id(
    course: str, module: str, lesson_sha256: str, brief: Brief, request_id: str
) -> str:
    """Return a deterministic id: equal requests get equal ids."""
    return fingerprint([course, module, lesson_sha256, brief.identity, request_id])[:16]


def months_between(first: str, last: str) -> list[str]:
    """Return every month from `first` to `last`, formatted `YYYY-MM`."""
    begin, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{number // 12}-{number % 12 + 1:02}" for number in range(begin, end + 1)]


def execution_name(module: str, generation: str) -> str:
    """Return an execution name, `<module>-<generation>`, that Step Functions accepts."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "-", module)
    return f"{plain[: MAX_NAME_CHARS - len(generation) - 1]}-{generation}"
