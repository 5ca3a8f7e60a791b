"""The parts of an export: assignments with unique names, and files in chunks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from coursewright.domain.assignment import Assignment


@dataclass(frozen=True)
class ExportItem:
    """An assignment with a title and a folder name that are unique within its export."""

    assignment: Assignment
    title: str
    slug: str


@dataclass(frozen=True)
class ExportedFile:
    """A file, or the next chunk of it; the chunks of one file follow each other."""

    path: str
    content: bytes


@dataclass(frozen=True)
class FormatWriter:
    """How a format is written: the files of each assignment, between a head and a tail."""

    files: Callable[[ExportItem], Iterable[ExportedFile]]
    head: tuple[ExportedFile, ...] = ()
    tail: tuple[ExportedFile, ...] = ()
