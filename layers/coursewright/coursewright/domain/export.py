"""Exports of approved assignments: what is requested, and what became of it."""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from coursewright.domain.base import Record, fingerprint

EXPORT_WAIT = timedelta(minutes=7)  # the last attempt starts within 5 minutes and may take 2
REUSE_PERIOD = timedelta(minutes=15)  # a double click or a repeated event exports nothing twice


class Format(StrEnum):
    """A format for approved assignments."""

    MOODLE = "moodle"
    EXERCISM = "exercism"
    JSONL = "jsonl"
    NBGRADER = "nbgrader"


class ExportTask(Record):
    """What to export: ids of assignments or generations, or modules as `course/module`."""

    names: tuple[str, ...] = Field(min_length=1, max_length=1000)
    format: Format

    @property
    def export(self) -> str:
        """The id of the export; the same task always has the same one."""
        return fingerprint([*self.names, self.format])[:16]


class Export(Record):
    """The result of an export: a stored file, or the problem that prevented it."""

    format: Format
    finished_at: datetime
    assignments: int = 0
    content_sha256: str = ""
    file: str = ""
    problem: str = ""

    def answers(self, requested_at: datetime) -> bool:
        """Whether this is the result of a request; a recent file need not be made again."""
        return self.finished_at + (REUSE_PERIOD if self.file else timedelta()) >= requested_at
