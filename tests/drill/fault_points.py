"""Where a run can break, and in which way."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import Any

ANSWER = "answer to its caller"
SECRETS = ("secrets", "link_keys", "model_keys", "links")  # what a cold start reads


class Mode(StrEnum):
    """How a call breaks."""

    BEFORE = "before"  # the function dies and the call is not made
    AFTER = "after"  # the call takes effect, then the function dies
    LOST = "answer lost"  # the call takes effect, the function lives on without its answer


@dataclass(frozen=True, order=True)
class Point:
    """One outside call: the function, its task, which run of that task, which call of it."""

    function: str
    task: str
    occurrence: int
    number: int
    call: str

    @property
    def place(self) -> tuple[str, str, int]:
        """Name the invocation that the call belongs to."""
        return self.function, self.task, self.occurrence

    def __str__(self) -> str:
        again = f" (run {self.occurrence})" if self.occurrence > 1 else ""
        return f"{self.function}{again}, call {self.number}: {self.call}  {self.task}"


@dataclass(frozen=True)
class Fault:
    """A point and how it breaks."""

    point: Point
    mode: Mode

    def __str__(self) -> str:
        return f"{self.mode.value} {self.point}"


class Killed(BaseException):
    """The function is dead: no handler of its own may see this."""


class RuntimeExited(Exception):
    """What the caller of a dead function is told; the state machine retries no such name."""


@dataclass
class Invocation:
    """A function at work: it names its calls by their order."""

    function: str
    task: str
    occurrence: int
    calls: int = 0
    dead: bool = False
    loses: bool = False

    def next_point(self, call: str) -> Point:
        """Name the next call."""
        self.calls += 1
        return Point(self.function, self.task, self.occurrence, self.calls, call)


@dataclass
class Director:
    """Sees every call of a run, and breaks the ones that a case asks for, once each."""

    faults: tuple[Fault, ...] = ()
    seen: list[Point] = field(default_factory=list)
    struck: list[Fault] = field(default_factory=list)
    _runs: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def begin(self, function: str, task: str) -> Invocation:
        """Take note of a function that begins."""
        with self._lock:
            self._runs[function, task] += 1
            return Invocation(function, task, self._runs[function, task])

    def order(self, point: Point) -> Mode | None:
        """Return whether and how this call breaks."""
        with self._lock:
            self.seen.append(point)
            for fault in self.faults:
                if fault.point == point and fault not in self.struck:
                    self.struck.append(fault)
                    return fault.mode
        return None

    def fault_at(self, place: tuple[str, str, int]) -> Fault | None:
        """Return the fault that is still to strike an invocation."""
        with self._lock:
            waiting = (fault for fault in self.faults if fault not in self.struck)
            return next((one for one in waiting if one.point.place == place), None)


def task_of(event: Mapping[str, Any]) -> str:
    """Name what a function is asked, alike in every run."""
    if "rawPath" in event:
        method = event["requestContext"]["http"]["method"]
        place = re.sub(r"/r/.*", "/r/…", event["rawPath"])
        return f"{method} {re.sub(r'[0-9a-f]{16}', '…', place)}"
    if "detail-type" in event:
        return str(event["detail-type"])
    named = ("round", "model", "draft", "attempt", "reminder", "status")
    told = {name: event[name] for name in named if name in event}
    return json.dumps(told, sort_keys=True)
