"""Runs untrusted work in worker processes that can be killed, and never anywhere else."""

import atexit
import logging
import os
import queue
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from coursewright.domain.errors import SandboxUnavailable
from coursewright.verification.sandbox import image, worker

Kind = Literal["python", "sql"]

log = logging.getLogger(__name__)

POOL_SIZE = 2
START_SECONDS = 30.0
# WebAssembly takes two to three times as long as a student's machine.
PYTHON_SECONDS = 8.0
GRACE_SECONDS = 1.0
ANSWER_LIMIT = 8 << 20
PACKAGES = {"python": ("eryx", "pyeryx"), "sql": ("sqlglot", "sqlglot")}
WORKER = Path(__file__).with_name("worker.py")


class Status(StrEnum):
    """How a run ended."""

    FINISHED = "finished"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    ENDED_EARLY = "ended_early"


class Limits(BaseModel):
    """What one run may use up."""

    model_config = ConfigDict(frozen=True)

    seconds: float = 5.0
    memory_mb: int = 256


class WorkerReply(BaseModel):
    """What came back from a worker: how the run ended, and its untrusted words."""

    model_config = ConfigDict(frozen=True)

    status: Status
    raw: str = ""


class Worker:
    """One child process with a pipe each way, in a session of its own."""

    def __init__(self, kind: Kind, image_path: str = "") -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="coursewright-", delete=True)
        inbox, to_worker = os.pipe()
        from_worker, outbox = os.pipe()
        command = [sys.executable, "-I", "-S", "-B", str(WORKER)]
        self._process = subprocess.Popen(  # noqa: S603  our own script, no shell
            [*command, kind, _site(kind), image_path, str(inbox), str(outbox)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(inbox, outbox),
            env=_environment(self._folder.name),
            cwd=self._folder.name,
            start_new_session=True,
        )
        os.close(inbox)
        os.close(outbox)
        self._jobs: BinaryIO = os.fdopen(to_worker, "wb")
        self._answers = from_worker

    def ask(self, job: dict[str, Any], seconds: float) -> WorkerReply:
        """Hand over a job and wait for its answer; whoever is late or dead is killed."""
        deadline = time.monotonic() + seconds
        try:
            worker.write_message(self._jobs, job)
            body = self._read(4, deadline)
            body = self._read(min(int.from_bytes(body, "little"), ANSWER_LIMIT), deadline)
            return WorkerReply.model_validate_json(body)
        except TimeoutError:
            self.kill()
            return WorkerReply(status=Status.TIMED_OUT)
        except (OSError, EOFError, ValidationError):
            self.kill()
            return WorkerReply(status=Status.ENDED_EARLY)

    def _read(self, size: int, deadline: float) -> bytes:
        body = b""
        while len(body) < size:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._answers], [], [], left)[0]:
                raise TimeoutError
            chunk = os.read(self._answers, min(size - len(body), 1 << 16))
            if not chunk:
                raise EOFError
            body += chunk
        return body

    @property
    def is_alive(self) -> bool:
        """Whether another job can be handed over."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End the process and whatever it may have started."""
        if self._jobs.closed:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        with suppress(BrokenPipeError):
            self._jobs.close()
        os.close(self._answers)
        self._folder.cleanup()


def _site(kind: Kind) -> str:
    """Find the folder of the packages that a worker needs, without loading them here."""
    package, name = PACKAGES[kind]
    found = find_spec(package)
    if found is None or found.origin is None:
        raise SandboxUnavailable(f"the package {name} is not installed")
    return str(Path(found.origin).parent.parent)


def _environment(folder: str) -> dict[str, str]:
    libraries = os.environ.get("LD_LIBRARY_PATH")
    empty = {"HOME": folder, "TMPDIR": folder, "PATH": "/nonexistent"}
    return empty | ({"LD_LIBRARY_PATH": libraries} if libraries else {})


class Sandbox:
    """A small pool of workers of one kind; what breaks is thrown away and started anew."""

    def __init__(self, kind: Kind, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._kind: Kind = kind
        self._idle: queue.LifoQueue[Worker] = queue.LifoQueue()
        self._free = threading.BoundedSemaphore(POOL_SIZE)
        self._starting = threading.Lock()
        self._verified_image: str | None = None

    def run(
        self, action: str, payload: dict[str, Any], *, timeout_seconds: float | None = None
    ) -> tuple[WorkerReply, str]:
        """Run one job in a fresh instance and return its answer with the nonce it must carry."""
        nonce = secrets.token_hex(16)
        seconds = timeout_seconds or self.limits.seconds
        job = {
            "action": action,
            "payload": {**payload, "nonce": nonce},
            "milliseconds": int(seconds * 1000),
            "memory_mb": self.limits.memory_mb,
        }
        with self._borrowed() as borrowed:
            return borrowed.ask(job, seconds + GRACE_SECONDS), nonce

    def close(self) -> None:
        """End all idle workers."""
        while not self._idle.empty():
            self._idle.get_nowait().kill()

    @contextmanager
    def _borrowed(self) -> Iterator[Worker]:
        with self._free:
            borrowed = self._take()
            try:
                yield borrowed
            except BaseException:
                borrowed.kill()
                raise
            if borrowed.is_alive:
                self._idle.put(borrowed)
            else:
                borrowed.kill()

    def _take(self) -> Worker:
        while not self._idle.empty():
            with suppress(queue.Empty):
                taken = self._idle.get_nowait()
                if taken.is_alive:
                    return taken
                taken.kill()
        with self._starting:
            return self._start()

    def _start(self) -> Worker:
        """Start a worker that has proved to hold the very guest this code was written for."""
        reasons = []
        for candidate in self._candidates():
            try:
                started = self._prove(candidate)
            except (OSError, SandboxUnavailable) as error:
                reasons.append(str(error))
                continue
            if self._verified_image is None:
                log.info("sandbox_ready", extra={"kind": self._kind, "image": candidate})
            self._verified_image = candidate
            return started
        cause = "; ".join(reasons) or "WebAssembly is not available"
        raise SandboxUnavailable(f"no {self._kind} sandbox starts on this machine: {cause}")

    def _prove(self, candidate: str) -> Worker:
        started = Worker(self._kind, candidate)
        expected = "sql" if self._kind == "sql" else image.fingerprint()
        answer = started.ask(
            {"action": "probe", "milliseconds": 20_000, "memory_mb": 256}, START_SECONDS
        )
        if answer.status is Status.FINISHED and answer.raw == expected:
            return started
        started.kill()
        log.warning("sandbox_unusable", extra={"kind": self._kind, "image": candidate})
        raise SandboxUnavailable(answer.raw[:200] or f"the probe {answer.status}")

    def _candidates(self) -> Iterator[str]:
        if self._kind == "sql":
            yield ""
            return
        if self._verified_image:
            # It may have been deleted since, in favour of a newer one.
            yield self._verified_image
        yield from _images()


def _images() -> Iterator[str]:
    if find_spec("eryx") is None:
        return
    if prepared := image.prepared():
        yield str(prepared)
    try:
        # An image compiled for another processor does not load: build one for this machine.
        yield str(image.cached())
    except (OSError, ImportError) as error:
        log.warning("sandbox_image_not_built", extra={"reason": str(error)[:300]})


@cache
def python_sandbox() -> Sandbox:
    """Share one pool for Python in this process."""
    return _shared("python")


@cache
def sql_sandbox() -> Sandbox:
    """Share one pool for SQL in this process."""
    return _shared("sql")


def _shared(kind: Kind) -> Sandbox:
    sandbox = Sandbox(kind, Limits(seconds=PYTHON_SECONDS) if kind == "python" else Limits())
    atexit.register(sandbox.close)
    return sandbox
