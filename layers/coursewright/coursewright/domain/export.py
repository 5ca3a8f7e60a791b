"""The formats that approved assignments can be exported to."""

from enum import StrEnum

from coursewright.domain.base import Record


class Format(StrEnum):
    """A format for approved assignments."""

    MOODLE = "moodle"
    EXERCISM = "exercism"
    JSONL = "jsonl"
    NBGRADER = "nbgrader"


class Exported(Record):
    """A finished export; its download link expires."""

    format: Format
    assignments: int
    file: str
    link: str
