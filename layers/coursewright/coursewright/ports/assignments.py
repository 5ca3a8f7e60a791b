"""Approved assignments and their exports."""

from collections.abc import Iterable
from typing import Protocol

from coursewright.domain.assignment import Assignment
from coursewright.domain.export import Exported, Format
from coursewright.domain.lesson import ObjectPlace


class Assignments(Protocol):
    """Approved assignments, and the files made from them."""

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

    def save_export(self, name: str, content: bytes, media_type: str) -> str:
        """Store an exported file and return a link that expires soon."""
        ...


class Exporter(Protocol):
    """Exports for the authoring pages, whose role cannot read assignments."""

    def export(self, generation: str, form: Format) -> Exported:
        """Export the approved assignments of a generation. Raises: ExportImpossible."""
        ...
