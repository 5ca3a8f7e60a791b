"""Runs each job in a forked child that has locked itself down; used by the worker alone."""

import json
import os
import select
import shutil
import signal
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from coursewright.verification.sandbox import image
from coursewright.verification.sandbox.native_lockdown import LockdownRefused, lock_down

Message = dict[str, Any]
RESULT = 3
RESULT_LIMIT = 8 << 20
# The address space holds far more than what is used of it.
ADDRESS_SPACE_FACTOR = 2
FORBIDDEN_FILE = "/etc/passwd"


def native_runner(functions: dict[str, str]) -> Callable[[Message], Message]:
    """Load the guest into this process, and run each job in a copy of it."""
    guest: dict[str, Any] = {}
    exec(image.setup_code("native"), guest)  # noqa: S102  our own modules, as in the image

    def run(job: Message) -> Message:
        deps = Path(tempfile.mkdtemp(prefix="desk-"))
        try:
            return _run_in_child(lambda: _answer(guest, functions, job, deps), job)
        finally:
            shutil.rmtree(deps, ignore_errors=True)

    return run


def _answer(guest: dict[str, Any], functions: dict[str, str], job: Message, deps: Path) -> str:
    seconds = job["milliseconds"] // 1000 + 1
    lock_down(deps, seconds=seconds, memory_mb=job["memory_mb"] * ADDRESS_SPACE_FACTOR)
    if job["action"] == "probe":
        return guest["_fingerprint"] if _is_locked() else ""
    for module in ("_guest_test_runner", "_differential_fuzzing"):
        guest[module].WORKDIR = str(deps)
    module, _, function = functions[job["action"]].partition(".")
    answer: str = getattr(guest[module], function)(job["payload"])
    return answer


def _is_locked() -> bool:
    """Try what must not work any more."""
    import socket

    attempts: list[Callable[[], object]] = [
        lambda: Path(FORBIDDEN_FILE).read_bytes(),
        lambda: socket.socket().close(),
        os.fork,
        lambda: os.kill(os.getppid(), 0),
    ]
    return not any(_works(attempt) for attempt in attempts)


def _works(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _run_in_child(work: Callable[[], str], job: Message) -> Message:
    from_child, to_parent = os.pipe()
    child = os.fork()
    if child == 0:
        _be_the_child(work, to_parent)
    os.close(to_parent)
    try:
        return _read(from_child, time.monotonic() + job["milliseconds"] / 1000)
    finally:
        os.close(from_child)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _be_the_child(work: Callable[[], str], to_parent: int) -> None:
    """Keep nothing open but the way back, do the work, and leave without any farewell."""
    try:
        os.dup2(to_parent, RESULT)
        os.closerange(RESULT + 1, os.sysconf("SC_OPEN_MAX"))
        body = json.dumps({"status": "finished", "raw": work()}).encode()
    except LockdownRefused as error:
        body = json.dumps({"status": "ended_early", "raw": str(error)}).encode()
    except MemoryError:
        body = b'{"status": "out_of_memory"}'
    except BaseException:  # noqa: BLE001  whatever code under test has brought about ends here
        body = b'{"status": "ended_early"}'
    data = struct.pack("<I", len(body)) + body
    while data:
        data = data[os.write(RESULT, data) :]
    os._exit(0)


def _read(from_child: int, deadline: float) -> Message:
    body = b""
    while len(body) < 4 or len(body) < 4 + struct.unpack("<I", body[:4])[0]:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([from_child], [], [], left)[0]:
            return {"status": "timed_out"}
        chunk = os.read(from_child, 1 << 16)
        if not chunk or len(body) > RESULT_LIMIT:
            return {"status": "ended_early"}
        body += chunk
    try:
        message = json.loads(body[4:])
    except ValueError:
        return {"status": "ended_early"}
    return message if isinstance(message, dict) else {"status": "ended_early"}
