"""The parts of an export: uniquely named assignments, and files in chunks."""

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
    """A file, or its next chunk; the chunks of a file are consecutive."""

    path: str
    content: bytes


@dataclass(frozen=True)
class FormatWriter:
    """The way to write a format: each assignment's files, between a head and a tail."""

    files: Callable[[ExportItem], Iterable[ExportedFile]]
    head: tuple[ExportedFile, ...] = ()
    tail: tuple[ExportedFile, ...] = ()
