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
        """Return the assignment with an id, or None."""
        ...

    def save_bundle(self, publication: str, assignments: Iterable[Assignment]) -> ObjectPlace:
        """Store a whole publication where the course platform can fetch it."""
        ...


class Exports(Protocol):
    """Results of exports by id, with their files; deleted after a day."""

    def find(self, export: str) -> Export | None:
        """Return the newest result of an export, or None."""
        ...

    def save(self, export: str, result: Export) -> None:
        """Store the result of an export, replacing the previous one."""
        ...

    def save_file(self, export: str, result: Export, content: bytes, media_type: str) -> None:
        """Store the file of a result."""
        ...

    def link(self, export: str, result: Export) -> str:
        """Return a link to the file of a result that expires soon."""
        ...


type StartExport = Callable[[ExportTask], None]
"""Starts an export and returns without waiting for its result."""
