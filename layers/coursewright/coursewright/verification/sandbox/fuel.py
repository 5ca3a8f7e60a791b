"""Bounds the work of one check by fuel, so that the machine's speed has no influence on it."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Protocol

# Jobs that may be started before the first of them has ended and been charged.
LOOK_AHEAD = 4


class UsesFuel(Protocol):
    """The result of a job that consumed fuel."""

    @property
    def fuel(self) -> int:
        """The fuel consumed."""


class FuelBudget:
    """The fuel that one check may use for its repeated jobs."""

    def __init__(self, fuel: int) -> None:
        self._left = fuel
        self._charging = Lock()

    def charge(self, fuel: int) -> None:
        """Subtract the fuel of a job."""
        with self._charging:
            self._left -= fuel

    @property
    def is_spent(self) -> bool:
        """Whether no further job may start."""
        return self._left <= 0

    def map_in_order[I, R: UsesFuel](
        self, function: Callable[[I], R], items: Iterable[I], *, workers: int
    ) -> list[R]:
        """Apply a function to the items in parallel until the fuel is spent.

        Fuel is charged in the order of the items, whichever is done first, so the same items are
        left on every machine: those for which there is no result.
        """
        results: list[R] = []
        running: deque[Future[R]] = deque()
        with ThreadPoolExecutor(workers) as pool:
            for item in items:
                if len(running) == LOOK_AHEAD:
                    results.append(self._charged(running.popleft()))
                if self.is_spent:
                    break
                running.append(pool.submit(function, item))
            results += [self._charged(future) for future in running]
        return results

    def _charged[R: UsesFuel](self, future: Future[R]) -> R:
        result = future.result()
        self.charge(result.fuel)
        return result
