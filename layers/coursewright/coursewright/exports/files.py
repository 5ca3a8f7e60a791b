"""What an export is made of: assignments with their names, and files in pieces."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from coursewright.domain.assignment import Assignment


@dataclass(frozen=True)
class Named:
    """An assignment with a title and a folder name that no other of its export has."""

    one: Assignment
    title: str
    slug: str


@dataclass(frozen=True)
class ExportedFile:
    """A file, or the next piece of it: pieces of one file follow each other."""

    path: str
    content: bytes


@dataclass(frozen=True)
class Writer:
    """How a format is written: what each assignment becomes, between a head and a tail."""

    files: Callable[[Named], Iterable[ExportedFile]]
    head: tuple[ExportedFile, ...] = ()
    tail: tuple[ExportedFile, ...] = ()
