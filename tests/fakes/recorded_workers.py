"""Workers that repeat what real ones replied, and that lose, delay or corrupt chosen replies.

A check of a draft runs the same jobs each time, so its faults can be tried one by one without
running any code again.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from threading import Lock
from typing import Any, NamedTuple

from coursewright.verification.sandbox.answer import Status, WorkerReply
from coursewright.verification.sandbox.worker_pool import Sandbox

NONCE = "nonce-of-this-job"


class Fault(StrEnum):
    """What happens to a reply."""

    DROPPED = "dropped"
    DELAYED = "delayed"
    EMPTIED = "emptied"
    TRUNCATED = "truncated"
    FOREIGN = "foreign"
    EXTENDED = "extended"


class Failure(NamedTuple):
    """The step that fails, how it fails, and whether it fails again when repeated."""

    step: str
    fault: Fault
    is_lasting: bool


class FakeClock:
    """A clock that only delays advance."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the seconds since the start."""
        return self.now


class RecordedWorkers:
    """Stands in for a sandbox's pool of workers."""

    def __init__(self, sandbox: Sandbox, clock: FakeClock) -> None:
        self.steps: dict[str, WorkerReply | None] = {}
        self.failure: Failure | None = None
        self.is_slow = False  # every first reply comes too late
        self._pool = sandbox._pool
        self._clock = clock
        self._lock = Lock()

    @contextmanager
    def borrow(self, *, is_new: bool = False) -> Iterator["RecordedWorker"]:
        """Lend a worker."""
        yield RecordedWorker(partial(self.reply, is_new=is_new))

    def reply(self, job: dict[str, Any], seconds: float, *, is_new: bool) -> WorkerReply | None:
        """Return the recorded or real reply to a job, unless it is the one that fails."""
        step, nonce = _step(job), job["payload"]["nonce"]
        if self.is_slow and not is_new:
            self._clock.now += seconds
            return None
        with self._lock:
            failure, known = self.failure, step in self.steps
            is_failing = failure is not None and failure.step == step
            if is_failing and not (failure and failure.is_lasting):
                self.failure = None
        if not known:
            self.steps[step] = self._record(job, seconds)
        reply = _with_nonce(self.steps[step], NONCE, nonce)
        return self._spoilt(reply, failure.fault, seconds) if failure and is_failing else reply

    def _record(self, job: dict[str, Any], seconds: float) -> WorkerReply | None:
        with self._pool.borrow() as worker:
            return _with_nonce(worker.run_job(job, seconds), job["payload"]["nonce"], NONCE)

    def _spoilt(
        self, reply: WorkerReply | None, fault: Fault, seconds: float
    ) -> WorkerReply | None:
        if fault is Fault.DELAYED:
            self._clock.now += seconds
        raw = reply.raw if reply else ""
        corrupt = {
            Fault.EMPTIED: "",
            Fault.TRUNCATED: raw[: len(raw) // 2],
            Fault.FOREIGN: raw.replace('"nonce": "', '"nonce": "0'),
            Fault.EXTENDED: raw.replace("{", '{"unknown": 1, ', 1),
        }
        if fault not in corrupt:
            return None
        return WorkerReply(status=Status.FINISHED, raw=corrupt[fault])


class RecordedWorker(NamedTuple):
    """A worker whose replies are recorded."""

    run_job: Callable[[dict[str, Any], float], WorkerReply | None]

    def kill(self) -> None:
        """Do nothing: there is no process."""


def _step(job: dict[str, Any]) -> str:
    payload = {name: value for name, value in job["payload"].items() if name != "nonce"}
    return json.dumps([job["action"], payload, job["max_fuel"]], sort_keys=True)


def _with_nonce(reply: WorkerReply | None, old: str, new: str) -> WorkerReply | None:
    return reply and reply.model_copy(update={"raw": reply.raw.replace(old, new)})
