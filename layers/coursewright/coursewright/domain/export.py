"""Exports of approved assignments: requests and their results."""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from coursewright.domain.author import Author
from coursewright.domain.base import Record, fingerprint
from coursewright.domain.export_problem import ExportProblem

EXPORT_WAIT = timedelta(minutes=7)  # the last attempt starts within 5 minutes and may take 2
REUSE_PERIOD = timedelta(minutes=15)  # a double click or repeated event exports once


class Format(StrEnum):
    """A format for exported assignments."""

    MOODLE = "moodle"
    EXERCISM = "exercism"
    JSONL = "jsonl"
    NBGRADER = "nbgrader"


class ExportTask(Record):
    """The export to make; names are assignment or generation ids, or modules as `course/module`."""

    names: tuple[str, ...] = Field(min_length=1, max_length=1000)
    format: Format
    author: Author | None = None

    @property
    def export(self) -> str:
        """The export's id; authors who request the same export share it."""
        return fingerprint([*self.names, self.format])[:16]


class Export(Record):
    """The result of an export: a stored file, or the problems that prevented it."""

    format: Format
    finished_at: datetime
    assignments: int = 0
    content_sha256: str = ""
    file: str = ""
    problems: tuple[ExportProblem, ...] = ()
    author: Author | None = None

    def answers(self, requested_at: datetime) -> bool:
        """Whether this result answers a request made at that time; a recent file can be reused."""
        return self.finished_at + (REUSE_PERIOD if self.file else timedelta()) >= requested_at
