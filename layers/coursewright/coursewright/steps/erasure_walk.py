"""Walks through all generations for either kind of erasure, resumable between invocations."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from coursewright.domain.base import Record
from coursewright.domain.errors import DraftMissing, GenerationRunning
from coursewright.domain.generation import (
    MAX_EXECUTION_DURATION,
    Generation,
    GenerationStatus,
    months_between,
)
from coursewright.ports.generations import Clock, Erasure, Generations

FIRST_MONTH = "2026-01"  # month of the first release
MIN_ERASURE_MILLIS = 120_000  # the time it takes to erase the largest generation


class ErasureTask(Record):
    """Input of both erasures; `after` is where an earlier invocation stopped."""

    also_running: bool = False
    after: str = ""


class Erased(Record):
    """An invocation's result; an unfinished walk continues `after` the place where it stopped."""

    records: int = 0
    generations: int = 0
    seen: int = 0
    after: str = ""
    done: bool = True

    def and_then(self, records: int, *, generations: int = 1) -> "Erased":
        """Return this result with another generation's changes added."""
        touched = self.generations + (generations if records else 0)
        update = {"records": self.records + records, "generations": touched}
        return self.model_copy(update=update | {"seen": self.seen + generations})


@dataclass(frozen=True)
class ErasureWalkDeps:
    """Dependencies shared by both erasures."""

    generations: Generations
    erasure: Erasure
    clock: Clock
    has_time: Callable[[], bool]


def has_time(context: Any) -> Callable[[], bool]:
    """Return a function that tells whether there is time to erase another generation."""
    return lambda: context.get_remaining_time_in_millis() > MIN_ERASURE_MILLIS


def erase_affected(
    task: ErasureTask,
    is_affected: Callable[[Generation], bool],
    erase: Callable[[Generation], int],
    *,
    deps: ErasureWalkDeps,
) -> Erased:
    """Erase data of the affected generations until the invocation runs out of time.

    Raises: GenerationRunning.
    """
    if not task.also_running:
        require_ended(deps, is_affected)
    erased = Erased()
    for place, generation in each_generation(deps, task.after):
        erased = erased.and_then(erase(generation) if is_affected(generation) else 0)
        if not deps.has_time():
            return erased.model_copy(update={"done": False, "after": place})
    return erased


def each_generation(deps: ErasureWalkDeps, after: str) -> Iterator[tuple[str, Generation]]:
    """Yield generations, newest month first, starting after the given place."""
    last_month, _, last = after.partition("/")
    for month in reversed(months_between(FIRST_MONTH, f"{deps.clock.now():%Y-%m}")):
        if after and month > last_month:
            continue
        for name in sorted(deps.generations.list_month(month)):
            if month == last_month and name <= last:
                continue
            try:
                yield f"{month}/{name}", deps.generations.get(name)
            except DraftMissing:
                continue  # an index may lag behind


def require_ended(deps: ErasureWalkDeps, is_affected: Callable[[Generation], bool]) -> None:
    """Check that no running execution needs the data. Raises: GenerationRunning."""
    now = deps.clock.now()
    months = months_between(f"{now - MAX_EXECUTION_DURATION:%Y-%m}", f"{now:%Y-%m}")
    running = [
        generation.request.generation
        for generation in deps.generations.list_unfinished(months)
        if generation.status is GenerationStatus.RUNNING and is_affected(generation)
    ]
    if running:
        raise GenerationRunning(running)
