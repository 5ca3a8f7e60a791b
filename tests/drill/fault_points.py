"""Fault points: all outside calls of a run and the ways in which they can fail."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import Any

ANSWER = "answer to its caller"
CACHES = ("secrets", "link_keys", "model_keys", "links", "parameters")  # of a warm function


class Mode(StrEnum):
    """The way in which a call fails."""

    BEFORE = "before"  # the function dies before the call is made
    AFTER = "after"  # the call takes effect, then the function dies
    LOST = "answer lost"  # the call takes effect, but the function never receives the answer


@dataclass(frozen=True, order=True)
class Point:
    """One outside call, identified by function, task, the task's occurrence and call number."""

    function: str
    task: str
    occurrence: int
    number: int
    call: str

    @property
    def place(self) -> tuple[str, str, int]:
        """The key of the invocation that makes the call."""
        return self.function, self.task, self.occurrence

    def __str__(self) -> str:
        again = f" (run {self.occurrence})" if self.occurrence > 1 else ""
        return f"{self.function}{again}, call {self.number}: {self.call}  {self.task}"


@dataclass(frozen=True)
class Fault:
    """A fault point and the way in which it fails."""

    point: Point
    mode: Mode

    def __str__(self) -> str:
        return f"{self.mode.value} {self.point}"


class Killed(BaseException):
    """The function died; a BaseException, so that the function's handlers cannot catch it."""


class RuntimeExited(Exception):
    """The error that a dead function's caller gets; the state machine does not retry it."""


@dataclass
class Invocation:
    """A running function that numbers its calls."""

    function: str
    task: str
    occurrence: int
    calls: int = 0
    dead: bool = False
    loses: bool = False

    def next_point(self, call: str) -> Point:
        """Return the fault point of the next call."""
        self.calls += 1
        return Point(self.function, self.task, self.occurrence, self.calls, call)


@dataclass
class FaultPlan:
    """Records a run's calls and makes those that a case lists fail once each."""

    faults: tuple[Fault, ...] = ()
    seen: list[Point] = field(default_factory=list)
    struck: list[Fault] = field(default_factory=list)
    _runs: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def begin(self, function: str, task: str) -> Invocation:
        """Register the start of a function and return its invocation."""
        with self._lock:
            self._runs[function, task] += 1
            return Invocation(function, task, self._runs[function, task])

    def fault_mode(self, point: Point) -> Mode | None:
        """Return how this call must fail, or None."""
        with self._lock:
            self.seen.append(point)
            for fault in self.faults:
                if fault.point == point and fault not in self.struck:
                    self.struck.append(fault)
                    return fault.mode
        return None

    def fault_at(self, place: tuple[str, str, int]) -> Fault | None:
        """Return the pending fault of an invocation, or None."""
        with self._lock:
            pending = (fault for fault in self.faults if fault not in self.struck)
            return next((fault for fault in pending if fault.point.place == place), None)


def task_of(event: Mapping[str, Any]) -> str:
    """Return a name for a function's task that is identical in every run."""
    if "rawPath" in event:
        method = event["requestContext"]["http"]["method"]
        place = re.sub(r"/r/.*", "/r/…", event["rawPath"])
        return f"{method} {re.sub(r'[0-9a-f]{16}', '…', place)}"
    if "detail-type" in event:
        return str(event["detail-type"])
    fields = ("round", "model", "draft", "attempt", "reminder", "status")
    task = {name: event[name] for name in fields if name in event}
    return json.dumps(task, sort_keys=True)
