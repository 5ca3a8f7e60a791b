"""Lets the calls of one function take turns at its workers, and tells how long each has waited.

A thousand calls that all look at every worker that gets free leave the functions no processor, and
the unlucky among them wait for ever: here the first in line looks, and the others sleep.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Waiting:
    """The time that one call has spent in line."""

    def __init__(self) -> None:
        """Start with none."""
        self._before = 0.0
        self._since: float | None = None

    @property
    def is_on(self) -> bool:
        """Whether the call stands in line now."""
        return self._since is not None

    @property
    def seconds(self) -> float:
        """Return the time in line so far."""
        since = self._since
        return self._before + (0.0 if since is None else time.monotonic() - since)

    @contextmanager
    def in_line(self) -> Iterator[None]:
        """Count the time of this block."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            # In this order: whoever reads in between may see too much time, never too little.
            self._before = self.seconds
            self._since = None


waiting: ContextVar[Waiting] = ContextVar("waiting")


class Turns:
    """A line of calls for each function, all behind one lock."""

    def __init__(self, lock: threading.Lock) -> None:
        """Begin with empty lines."""
        self._lock = lock
        self._lines: dict[str, deque[threading.Condition]] = {}

    @contextmanager
    def turn(self, name: str) -> Iterator[threading.Condition]:
        """Stand in line, with the lock held, until the call is the first of it."""
        line = self._lines.setdefault(name, deque())
        mine = threading.Condition(self._lock)
        line.append(mine)
        try:
            with waiting.get(Waiting()).in_line():
                while line[0] is not mine:
                    mine.wait()
                yield mine
        finally:
            line.remove(mine)
            self.wake(name)

    def wake(self, name: str) -> None:
        """Let the first in line look again."""
        if line := self._lines.get(name):
            line[0].notify()
