"""Runs untrusted code in worker processes that can be killed, and nowhere else."""

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
# The time beyond the job's own limit in which a worker can report that the limit was exceeded.
GRACE_SECONDS = 1.0
MAX_REPLY_BYTES = 8 << 20
PACKAGES = {"python": ("eryx", "pyeryx"), "sql": ("sqlglot", "sqlglot")}
WORKER = Path(__file__).with_name("worker.py")


class Status(StrEnum):
    """How a job ended."""

    FINISHED = "finished"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    ENDED_EARLY = "ended_early"


class Limits(BaseModel):
    """The resources that one job may use."""

    model_config = ConfigDict(frozen=True)

    seconds: float = 5.0
    memory_mb: int = 256


class WorkerReply(BaseModel):
    """How a job ended and the untrusted text that it returned."""

    model_config = ConfigDict(frozen=True)

    status: Status
    raw: str = ""


class Worker:
    """A child process in its own session, with one pipe in each direction."""

    def __init__(self, kind: Kind, image_path: str = "") -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="coursewright-", delete=True)
        inbox, to_worker = os.pipe()
        from_worker, outbox = os.pipe()
        command = [sys.executable, "-I", "-S", "-B", str(WORKER)]
        self._process = subprocess.Popen(  # noqa: S603  our own script, no shell
            [*command, kind, _site_packages(kind), image_path, str(inbox), str(outbox)],
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
        self._replies = from_worker

    def run_job(self, job: dict[str, Any], seconds: float) -> WorkerReply:
        """Send a job and wait for the reply; kill the worker if it is late or broken."""
        deadline = time.monotonic() + seconds
        try:
            worker.write_message(self._jobs, job)
            body = self._read(4, deadline)
            body = self._read(min(int.from_bytes(body, "little"), MAX_REPLY_BYTES), deadline)
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
            remaining = deadline - time.monotonic()
            if remaining <= 0 or not select.select([self._replies], [], [], remaining)[0]:
                raise TimeoutError
            chunk = os.read(self._replies, min(size - len(body), 1 << 16))
            if not chunk:
                raise EOFError
            body += chunk
        return body

    @property
    def is_alive(self) -> bool:
        """Whether the worker can take another job."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill the process and every process that it started."""
        if self._jobs.closed:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        with suppress(BrokenPipeError):
            self._jobs.close()
        os.close(self._replies)
        self._folder.cleanup()


def _site_packages(kind: Kind) -> str:
    """Return the folder of the packages that a worker needs, without importing them here."""
    package, name = PACKAGES[kind]
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SandboxUnavailable(f"the package {name} is not installed")
    return str(Path(spec.origin).parent.parent)


def _environment(folder: str) -> dict[str, str]:
    libraries = os.environ.get("LD_LIBRARY_PATH")
    empty = {"HOME": folder, "TMPDIR": folder, "PATH": "/nonexistent"}
    return empty | ({"LD_LIBRARY_PATH": libraries} if libraries else {})


class Sandbox:
    """A small pool of workers of one kind; failed workers are replaced."""

    def __init__(self, kind: Kind, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._kind: Kind = kind
        self._idle: queue.LifoQueue[Worker] = queue.LifoQueue()
        self._slots = threading.BoundedSemaphore(POOL_SIZE)
        self._starting = threading.Lock()
        self._verified_image: str | None = None

    def run(
        self, action: str, payload: dict[str, Any], *, timeout_seconds: float | None = None
    ) -> tuple[WorkerReply, str]:
        """Run one job in a fresh instance; return the reply and the nonce that it must contain."""
        nonce = secrets.token_hex(16)
        seconds = timeout_seconds or self.limits.seconds
        job = {
            "action": action,
            "payload": {**payload, "nonce": nonce},
            "milliseconds": int(seconds * 1000),
            "memory_mb": self.limits.memory_mb,
        }
        with self._borrow_worker() as borrowed:
            return borrowed.run_job(job, seconds + GRACE_SECONDS), nonce

    def close(self) -> None:
        """Kill all idle workers."""
        while not self._idle.empty():
            self._idle.get_nowait().kill()

    @contextmanager
    def _borrow_worker(self) -> Iterator[Worker]:
        with self._slots:
            borrowed = self._idle_or_new_worker()
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
        with self._starting:
            return self._start_worker()

    def _start_worker(self) -> Worker:
        """Start a worker whose handshake confirms that it contains exactly this guest."""
        failures = []
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
        job = {"action": "handshake", "milliseconds": 20_000, "memory_mb": 256}
        reply = started.run_job(job, START_SECONDS)
        if reply.status is Status.FINISHED and reply.raw == expected:
            return started
        started.kill()
        log.warning("sandbox_unusable", extra={"kind": self._kind, "image": candidate})
        raise SandboxUnavailable(reply.raw[:200] or f"handshake {reply.status}")

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


@cache
def python_sandbox() -> Sandbox:
    """Return this process's shared Python sandbox."""
    return _shared_sandbox("python")


@cache
def sql_sandbox() -> Sandbox:
    """Return this process's shared SQL sandbox."""
    return _shared_sandbox("sql")


def _shared_sandbox(kind: Kind) -> Sandbox:
    sandbox = Sandbox(kind, Limits(seconds=PYTHON_SECONDS) if kind == "python" else Limits())
    atexit.register(sandbox.close)
    return sandbox
