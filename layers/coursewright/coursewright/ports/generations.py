"""Generations, from their lessons to their end: claims, runs, money, and what is forgotten."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from coursewright.domain.budget import Caps, CourseRun, Reservation
from coursewright.domain.execution import Run
from coursewright.domain.generation import Generation, GenerationRequest, GenerationStatus
from coursewright.domain.lesson import LessonPointer, ObjectPlace


class Clock(Protocol):
    """Time, handed in so that tests can hold it."""

    def now(self) -> datetime:
        """Return the present moment, aware of its zone."""
        ...


class Lessons(Protocol):
    """Snapshots of lesson texts, found by the text's sha256."""

    def save(self, html: str, *, course: str = "") -> LessonPointer:
        """Keep a text; the same text of the same course is kept once."""
        ...

    def read(self, pointer: LessonPointer) -> str:
        """Return the text of a snapshot."""
        ...

    def fetch(self, place: ObjectPlace) -> str:
        """Read a lesson where the course platform put it. Raises: EventInvalid."""
        ...


class Uploads(Protocol):
    """Lessons that an author handed in, until a generation has its snapshot."""

    def save(self, html: str) -> ObjectPlace:
        """Keep a lesson; the same one lies in the same place."""
        ...


class ModuleBus(Protocol):
    """Where modules are announced, by the course platform or the authoring pages."""

    def publish(self, detail: dict[str, Any]) -> None:
        """Put a `Module Published` event on the bus."""
        ...


class GenerationList(Protocol):
    """All generations of a month."""

    def of_month(self, month: str) -> tuple[str, ...]:
        """Return the generations that started in a month such as 2026-01, newest first."""
        ...


class Generations(Protocol):
    """Claimed generations and how they ended."""

    def get(self, generation: str) -> Generation:
        """Return a generation. Raises: DraftMissing."""
        ...

    def is_claimed(self, generation: str) -> bool:
        """Return whether some execution owns this generation."""
        ...

    def close(self, generation: str, status: GenerationStatus, *, now: datetime) -> None:
        """Write the final status; the same status again changes nothing."""
        ...


class GenerationArchive(GenerationList, Protocol):
    """All generations, for whoever looks for what they hold of a person or a course."""

    def get(self, generation: str) -> Generation:
        """Return a generation. Raises: DraftMissing."""
        ...

    def unfinished(self, months: Iterable[str]) -> tuple[Generation, ...]:
        """Return the generations of these months (yyyy-mm) that are not closed."""
        ...


class UnfinishedGenerations(Protocol):
    """Generations that are not closed, for whoever compares them with the engine."""

    def unfinished(self, months: Iterable[str]) -> tuple[Generation, ...]:
        """Return the generations of these months (yyyy-mm) that are not closed."""
        ...

    def mark(self, seen: Generation, status: GenerationStatus) -> bool:
        """Change the status of a generation; False if it is not as it was seen any more."""
        ...


class ReviewerRecords(Protocol):
    """Where a reviewer's address and words lie."""

    def name(self, generation: Generation, address: str) -> bool:
        """Return whether a generation or one of its reviews names this person."""
        ...

    def forget(self, generation: Generation, address: str, *, link_salt: str) -> int:
        """Put a pseudonym in place of an address, delete what was written; count the changes."""
        ...


class CourseRecords(Protocol):
    """Everything that was made for a course."""

    def forget(self, generation: Generation) -> int:
        """Delete a generation with all its texts; count the records."""
        ...

    def erase_notes(self, course: str) -> int:
        """Delete what is kept of a course beside its generations."""
        ...


class Executions(Protocol):
    """Runs of the workflow."""

    def start(self, name: str, request: GenerationRequest) -> bool:
        """Start a run; False where one of that name exists."""
        ...


class Runs(Protocol):
    """Runs of the workflow, as far as a course author may know them."""

    def get(self, execution: str) -> Run | None:
        """Return a run, or None where the engine has forgotten it."""
        ...


class StoppedExecutions(Protocol):
    """Runs that failed, timed out or were aborted."""

    def cause(self, execution: str) -> tuple[str, str]:
        """Return the name of a run's error and its sentence."""
        ...


class Budget(Protocol):
    """The month's money, in millionths of a dollar."""

    def reserve(self, reservation: Reservation, *, caps: Caps) -> int:
        """Set a round's amount aside, once; gives what the generation has set aside.

        Raises: BudgetExceeded.
        """
        ...

    def settle(self, month: str, generation: str, spent: int) -> None:
        """Replace the reservation by what was really spent, once."""
        ...


class CourseBudget(Protocol):
    """The money of a run that starts a whole course, in millionths of a dollar."""

    def reserve(self, run: CourseRun, generation: str, amount: int) -> bool:
        """Set a generation's estimate aside, once; False where it does not fit."""
        ...
