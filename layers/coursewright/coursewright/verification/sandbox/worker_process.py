"""Starts, feeds and kills the child processes that run untrusted code."""

import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO, Literal

from pydantic import ValidationError

from coursewright.domain.errors import SandboxUnavailable
from coursewright.verification.sandbox import worker
from coursewright.verification.sandbox.answer import Status, WorkerReply

Kind = Literal["python", "sql"]

MAX_REPLY_BYTES = 8 << 20
EXIT_SECONDS = 1.0
STACK_OVERFLOW = b"has overflowed its stack"
PACKAGES = {"python": ("eryx", "pyeryx"), "sql": ("sqlglot", "sqlglot")}
WORKER = Path(__file__).with_name("worker.py")


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

    def run_job(self, job: dict[str, Any], seconds: float) -> WorkerReply | None:
        """Send a job and return the reply; if there is none in time, kill the worker.

        Endless recursion in C code aborts the worker: the one way to die that follows from the
        code alone.
        """
        deadline = time.monotonic() + seconds
        try:
            worker.write_message(self._jobs, job)
            body = self._read(4, deadline)
            body = self._read(min(int.from_bytes(body, "little"), MAX_REPLY_BYTES), deadline)
            return WorkerReply.model_validate_json(body)
        except EOFError:
            is_overflow = self._has_overflowed()
            self.kill()
            return WorkerReply(status=Status.ENDED_EARLY) if is_overflow else None
        except (OSError, ValidationError):
            self.kill()
            return None

    def _has_overflowed(self) -> bool:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(EXIT_SECONDS)
        errors = Path(self._folder.name, worker.ERRORS_FILE)
        is_aborted = self._process.returncode == -signal.SIGABRT
        return is_aborted and STACK_OVERFLOW in errors.read_bytes()[-100:]

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
