"""Runs untrusted code in worker processes that can be killed, and nowhere else."""

import atexit
import logging
import queue
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import copy
from functools import cache
from importlib.util import find_spec
from math import inf
from time import monotonic
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from coursewright.domain.errors import SandboxUnavailable, StepUnanswered
from coursewright.verification.sandbox import image
from coursewright.verification.sandbox.answer import Answer, Reply, Status
from coursewright.verification.sandbox.fuel import FuelBudget
from coursewright.verification.sandbox.worker_process import Kind, Worker

log = logging.getLogger(__name__)

POOL_SIZE = 2
START_SECONDS = 30.0
# The time beyond the job's own limit in which a worker can end by itself.
GRACE_SECONDS = 1.0


class Limits(BaseModel):
    """The resources that a job and a check may use.

    Fuel and memory decide how a job ends. Times only guard against hangs: a job that exceeds them
    has no outcome.
    """

    model_config = ConfigDict(frozen=True)

    max_fuel: int = 20_000_000_000  # about three seconds on a current machine
    memory_mb: int = 256
    seconds: float = 25.0
    # For a whole check; the time is below the function's timeout.
    check_fuel: int = 80_000_000_000
    check_seconds: float = 70.0


class Handshake(Reply):
    """The guest that a worker contains."""

    guest: str


class WorkerPool:
    """A few workers of one kind; failed workers are replaced."""

    def __init__(self, kind: Kind) -> None:
        self._kind: Kind = kind
        self._idle: queue.LifoQueue[Worker] = queue.LifoQueue()
        self._slots = threading.BoundedSemaphore(POOL_SIZE)
        self._starting = threading.Lock()
        self._verified_image: str | None = None

    def close(self) -> None:
        """Kill all idle workers."""
        while not self._idle.empty():
            self._idle.get_nowait().kill()

    @contextmanager
    def borrow(self, *, is_new: bool = False) -> Iterator[Worker]:
        """Lend a worker; a new one if requested."""
        with self._slots:
            borrowed = self._new_worker() if is_new else self._idle_or_new_worker()
            try:
                yield borrowed
            except BaseException:
                borrowed.kill()
                raise
            if borrowed.is_alive:
                self._idle.put(borrowed)
            else:
                borrowed.kill()

    def _idle_or_new_worker(self) -> Worker:
        while not self._idle.empty():
            with suppress(queue.Empty):
                idle = self._idle.get_nowait()
                if idle.is_alive:
                    return idle
                idle.kill()
        return self._new_worker()

    def _new_worker(self) -> Worker:
        """Start a worker whose handshake confirms that it contains exactly this guest."""
        failures = []
        with self._starting:
            for candidate in self._candidate_images():
                try:
                    started = self._start_with(candidate)
                except (OSError, SandboxUnavailable) as error:
                    failures.append(str(error))
                    continue
                if self._verified_image is None:
                    log.info("sandbox_ready", extra={"kind": self._kind, "image": candidate})
                self._verified_image = candidate
                return started
        cause = "; ".join(failures) or "WebAssembly is not available"
        raise SandboxUnavailable(f"no {self._kind} sandbox starts on this machine: {cause}")

    def _start_with(self, candidate: str) -> Worker:
        started = Worker(self._kind, candidate)
        expected = "sql" if self._kind == "sql" else image.fingerprint()
        job = make_job("handshake", {}, Limits())
        answer = ask_worker(started, job, START_SECONDS, Handshake)
        if answer is not None and answer.value and answer.value.guest == expected:
            return started
        started.kill()
        log.warning("sandbox_unusable", extra={"kind": self._kind, "image": candidate})
        raise SandboxUnavailable("the handshake failed")

    def _candidate_images(self) -> Iterator[str]:
        if self._kind == "sql":
            yield ""
            return
        if self._verified_image:
            # It may have been deleted in favour of a newer one.
            yield self._verified_image
        yield from _python_images()


def _python_images() -> Iterator[str]:
    if find_spec("eryx") is None:
        return
    if prebuilt := image.prebuilt_image():
        yield str(prebuilt)
    try:
        # An image compiled for another processor does not load, so build one for this machine.
        yield str(image.cached_image())
    except (OSError, ImportError) as error:
        log.warning("sandbox_image_not_built", extra={"reason": str(error)[:300]})


def make_job(action: str, payload: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Return a job with its own nonce."""
    return {
        "action": action,
        "payload": {**payload, "nonce": secrets.token_hex(16)},
        "milliseconds": int(limits.seconds * 1000),
        "memory_mb": limits.memory_mb,
        "max_fuel": limits.max_fuel,
    }


def ask_worker[T: Reply](
    worker: Worker, job: dict[str, Any], seconds: float, reply_type: type[T]
) -> Answer[T] | None:
    """Return how a job ended, or None if there is no valid reply to exactly this job."""
    reply = worker.run_job(job, seconds)
    if reply is None:
        return None
    if reply.status is not Status.FINISHED:
        return Answer(reply.status, None, job["max_fuel"])
    try:
        value = reply_type.model_validate_json(reply.raw)
    except ValidationError:
        return None
    is_own = value.nonce == job["payload"]["nonce"]
    return Answer(reply.status, value, reply.fuel) if is_own else None


class Sandbox:
    """Isolated interpreters of one kind, with the limits of their jobs."""

    def __init__(self, kind: Kind, limits: Limits | None = None) -> None:
        self.kind: Kind = kind
        self.limits = limits or Limits()
        self.budget = FuelBudget(self.limits.check_fuel)
        self._pool = WorkerPool(kind)
        self._deadline = inf

    def for_one_check(self) -> "Sandbox":
        """Return this sandbox with a fuel budget and a deadline, after which it does not answer."""
        limited = copy(self)
        limited.budget = FuelBudget(self.limits.check_fuel)
        limited._deadline = min(self._deadline, monotonic() + self.limits.check_seconds)
        return limited

    def ask[T: Reply](
        self,
        action: str,
        payload: dict[str, Any],
        reply_type: type[T],
        *,
        max_fuel: int | None = None,
    ) -> Answer[T]:
        """Run one job in a fresh instance and return how it ended.

        Only what follows from the code alone is an answer. A lost, late, invalid or foreign reply
        is none: the job is repeated once, in a new worker.

        Raises:
            StepUnanswered: if there is no answer to the repeated job either.
            SandboxUnavailable: if no worker starts.
        """
        for is_new in (False, True):
            with self._pool.borrow(is_new=is_new) as worker:
                seconds = min(self.limits.seconds, self._deadline - monotonic())
                if seconds <= 0:
                    break
                update = {"seconds": seconds, "max_fuel": max_fuel or self.limits.max_fuel}
                job = make_job(action, payload, self.limits.model_copy(update=update))
                answer = ask_worker(worker, job, seconds + GRACE_SECONDS, reply_type)
                if answer is not None:
                    return answer
                worker.kill()
            log.warning("sandbox_step_unanswered", extra={"kind": self.kind, "step": action})
        raise StepUnanswered(action)

    def with_new_workers(self, *, check_seconds: float) -> "Sandbox":
        """Return a sandbox of the same kind with workers of its own."""
        limits = self.limits.model_copy(update={"check_seconds": check_seconds})
        return Sandbox(self.kind, limits)

    def close(self) -> None:
        """Kill all idle workers."""
        self._pool.close()


@cache
def python_sandbox() -> Sandbox:
    """Return this process's shared Python sandbox."""
    return _shared_sandbox("python")


@cache
def sql_sandbox() -> Sandbox:
    """Return this process's shared SQL sandbox."""
    return _shared_sandbox("sql")


def _shared_sandbox(kind: Kind) -> Sandbox:
    sandbox = Sandbox(kind)
    atexit.register(sandbox.close)
    return sandbox
