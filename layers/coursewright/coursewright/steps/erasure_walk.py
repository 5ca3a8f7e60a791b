"""How both ways of forgetting walk through all generations, a part at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from coursewright.domain.base import Record
from coursewright.domain.errors import DraftMissing, GenerationRunning
from coursewright.domain.generation import (
    MAX_EXECUTION_DURATION,
    Generation,
    GenerationStatus,
    months_between,
)
from coursewright.ports.generations import Clock, GenerationArchive

FIRST_MONTH = "2026-01"  # no release is older


class Erased(Record):
    """What was changed or deleted; a walk that is not done goes on `after` its last place."""

    records: int = 0
    generations: int = 0
    seen: int = 0
    after: str = ""
    done: bool = True

    def and_then(self, records: int, *, generations: int = 1) -> "Erased":
        """Add what came of one more generation."""
        touched = self.generations + (generations if records else 0)
        update = {"records": self.records + records, "generations": touched}
        return self.model_copy(update=update | {"seen": self.seen + generations})


@dataclass(frozen=True)
class ErasureWalkDeps:
    """Where the generations are found, and whether this invocation has time for another one."""

    generations: GenerationArchive
    clock: Clock
    has_time: Callable[[], bool]


def each_generation(deps: ErasureWalkDeps, after: str) -> Iterator[tuple[str, Generation]]:
    """Yield generations newest month first, starting after the given cursor."""
    last_month, _, last = after.partition("/")
    for month in reversed(months_between(FIRST_MONTH, f"{deps.clock.now():%Y-%m}")):
        if after and month > last_month:
            continue
        for name in sorted(deps.generations.of_month(month)):
            if month == last_month and name <= last:
                continue
            try:
                yield f"{month}/{name}", deps.generations.get(name)
            except DraftMissing:
                continue  # an index may lag behind


def require_ended(deps: ErasureWalkDeps, is_meant: Callable[[Generation], bool]) -> None:
    """Check that no run needs what is to be forgotten. Raises: GenerationRunning."""
    now = deps.clock.now()
    months = months_between(f"{now - MAX_EXECUTION_DURATION:%Y-%m}", f"{now:%Y-%m}")
    running = [
        one.request.generation
        for one in deps.generations.unfinished(months)
        if one.status is GenerationStatus.RUNNING and is_meant(one)
    ]
    if running:
        raise GenerationRunning(running)
