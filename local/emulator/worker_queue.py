"""A FIFO queue per function for calls that wait for a worker, with wait-time measurement.

If a thousand waiting calls all checked every worker that becomes idle, they would leave no
processor time for the functions, and unlucky calls would wait forever. Here only the first call in
the queue checks, and the others sleep.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class QueueTime:
    """The time that one call has spent in the queue."""

    def __init__(self) -> None:
        """Start at zero, outside the queue."""
        self._before = 0.0
        self._since: float | None = None

    @property
    def is_running(self) -> bool:
        """Whether the call is currently in the queue."""
        return self._since is not None

    @property
    def seconds(self) -> float:
        """The time spent in the queue so far."""
        since = self._since
        return self._before + (0.0 if since is None else time.monotonic() - since)

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Count the duration of the block as queue time."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            # In this order, a concurrent reader can see too much time but never too little.
            self._before = self.seconds
            self._since = None


queue_time: ContextVar[QueueTime] = ContextVar("queue_time")


class WorkerQueue:
    """A queue of calls for each function, all protected by one lock."""

    def __init__(self, lock: threading.Lock) -> None:
        """Start with empty queues."""
        self._lock = lock
        self._queues: dict[str, deque[threading.Condition]] = {}

    @contextmanager
    def place(self, name: str) -> Iterator[threading.Condition]:
        """While holding the lock, wait until the call is first in a function's queue."""
        queue = self._queues.setdefault(name, deque())
        own_place = threading.Condition(self._lock)
        queue.append(own_place)
        try:
            with queue_time.get(QueueTime()).measured():
                while queue[0] is not own_place:
                    own_place.wait()
                yield own_place
        finally:
            queue.remove(own_place)
            self.wake(name)

    def wake(self, name: str) -> None:
        """Wake the first call in a function's queue."""
        if queue := self._queues.get(name):
            queue[0].notify()
