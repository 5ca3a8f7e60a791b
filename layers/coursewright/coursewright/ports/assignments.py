"""Approved assignments and their exports."""

from collections.abc import Callable, Iterable
from typing import Protocol

from coursewright.domain.assignment import Assignment
from coursewright.domain.export import Export, ExportTask
from coursewright.domain.lesson import ObjectPlace


class Assignments(Protocol):
    """Approved assignments and publications."""

    def publish(self, generation: str, assignments: tuple[Assignment, ...]) -> None:
        """Store all assignments or none; idempotent. Raises: PublicationConflict."""
        ...

    def of_module(self, course: str, module: str) -> tuple[Assignment, ...]:
        """Return the assignments published for a module."""
        ...

    def find(self, assignment: str) -> Assignment | None:
        """Return the assignment with the given id, or None."""
        ...

    def save_bundle(self, publication: str, assignments: Iterable[Assignment]) -> ObjectPlace:
        """Store a whole publication where the course platform can fetch it."""
        ...


class Exports(Protocol):
    """Export results by id, with their files; deleted after a day."""

    def find(self, export: str) -> Export | None:
        """Return an export's newest result, or None."""
        ...

    def save(self, export: str, result: Export) -> None:
        """Store an export's result, replacing any previous one."""
        ...

    def save_file(self, export: str, result: Export, content: bytes, media_type: str) -> None:
        """Store the exported file that belongs to a result."""
        ...

    def link(self, export: str, result: Export) -> str:
        """Return a short-lived link to a result's file."""
        ...


type StartExport = Callable[[ExportTask], None]
"""Starts an export and returns without waiting for its result."""
