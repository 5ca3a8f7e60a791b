"""What was approved, and its exports."""

from collections.abc import Iterable
from typing import Protocol

from coursewright.domain.assignment import Assignment
from coursewright.domain.export import Exported, Format
from coursewright.domain.lesson import ObjectPlace


class Assignments(Protocol):
    """What was approved."""

    def publish(self, generation: str, assignments: tuple[Assignment, ...]) -> None:
        """Keep all assignments or none; again is a replay. Raises: PublicationConflict."""
        ...

    def of_module(self, course: str, module: str) -> tuple[Assignment, ...]:
        """Return what was published for a module before."""
        ...

    def find(self, assignment: str) -> Assignment | None:
        """Return the assignment of an id, or None."""
        ...

    def save_bundle(self, publication: str, assignments: Iterable[Assignment]) -> ObjectPlace:
        """Put the whole publication where the course platform can fetch it."""
        ...


class Exports(Protocol):
    """Exports, kept for a while."""

    def keep(self, name: str, content: bytes, media_type: str) -> str:
        """Keep a file and give a link to it that soon expires."""
        ...


class Exporter(Protocol):
    """Exports for the authoring pages, which never read an assignment themselves."""

    def export(self, generation: str, form: Format) -> Exported:
        """Export what was approved of a generation. Raises: ExportImpossible."""
        ...
