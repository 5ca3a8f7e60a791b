"""Generations and their lessons, executions, budgets and erasure."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Protocol

from coursewright.domain.author import Person
from coursewright.domain.budget import Caps, CourseRun, Reservation
from coursewright.domain.execution import Execution
from coursewright.domain.generation import Generation, GenerationRequest, GenerationStatus
from coursewright.domain.lesson import LessonPointer, ObjectPlace


class Clock(Protocol):
    """The current time, injected so that tests control it."""

    def now(self) -> datetime:
        """Return the current time as an aware datetime."""
        ...


class Lessons(Protocol):
    """Lesson texts: snapshots stored by sha256, and authors' uploads."""

    def save(self, html: str, *, course: str = "") -> LessonPointer:
        """Store a text; each course has its own copy, so that it can be erased with the course."""
        ...

    def read(self, pointer: LessonPointer) -> str:
        """Return the text of a snapshot."""
        ...

    def fetch(self, place: ObjectPlace) -> str:
        """Read a lesson from where the course platform stored it. Raises: EventInvalid."""
        ...

    def save_upload(self, html: str) -> ObjectPlace:
        """Store an author's lesson where `start_generation` will fetch it."""
        ...


type PublishModule = Callable[[dict[str, Any]], None]
"""Publishes the detail of a `Module Published` event on the bus. Raises: EventInvalid."""


class Generations(Protocol):
    """Claimed generations and their status."""

    def get(self, generation: str) -> Generation:
        """Return a generation. Raises: DraftMissing."""
        ...

    def is_claimed(self, generation: str) -> bool:
        """Return whether an execution owns this generation."""
        ...

    def list_month(self, month: str) -> tuple[str, ...]:
        """Return the ids of generations started in a month (`YYYY-MM`), newest first."""
        ...

    def list_unfinished(self, months: Iterable[str]) -> tuple[Generation, ...]:
        """Return the generations started in these months (`YYYY-MM`) that are not closed."""
        ...

    def change_status(self, seen: Generation, status: GenerationStatus) -> bool:
        """Change a generation's status; return False if it has changed since it was read."""
        ...

    def close(self, generation: str, status: GenerationStatus, *, now: datetime) -> None:
        """Store the final status; idempotent."""
        ...


class Executions(Protocol):
    """Executions of the state machine."""

    def start(self, name: str, request: GenerationRequest) -> bool:
        """Start an execution; return False if one with that name exists."""
        ...

    def get(self, execution: str) -> Execution | None:
        """Return an execution, or None if Step Functions no longer has a record of it."""
        ...


class Budgets(Protocol):
    """Money reserved per month and per course execution, in micro-dollars."""

    def reserve(self, reservation: Reservation, *, caps: Caps) -> int:
        """Reserve a round's amount once; return the generation's total reservation.

        Raises: BudgetExceeded.
        """
        ...

    def settle(self, month: str, generation: str, spent: int) -> None:
        """Replace a reservation with the amount actually spent, once."""
        ...

    def reserve_course_share(self, run: CourseRun, generation: str, amount: int) -> bool:
        """Reserve a generation's estimate once; return False if the course cannot afford it."""
        ...


class Erasure(Protocol):
    """Deletes the data stored about a person or a course."""

    def names_reviewer(self, generation: Generation, address: str) -> bool:
        """Return whether a generation or any of its reviews names this person."""
        ...

    def erase_reviewer(self, generation: Generation, address: str, *, link_salt: str) -> int:
        """Replace an address with a pseudonym, delete the person's texts and count the changes."""
        ...

    def erase_author(self, generation: Generation, *, salt: str) -> int:
        """Remove the author of a generation, and make the author's pseudonyms final."""
        ...

    def erase_exports(self, person: Person) -> int:
        """Remove a person from the results of exports and count the changes."""
        ...

    def erase_generation(self, generation: Generation) -> int:
        """Delete a generation with all its texts; return the number of records."""
        ...

    def erase_course_notes(self, course: str) -> int:
        """Delete all data about a course that is stored outside its generations."""
        ...
