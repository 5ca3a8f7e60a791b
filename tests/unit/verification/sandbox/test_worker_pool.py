"""Untrusted code runs in an isolated worker or not at all."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from coursewright.domain.errors import SandboxUnavailable
from coursewright.verification.python import results
from coursewright.verification.python.conditions import FIRST
from coursewright.verification.sandbox import image, worker_pool, worker_process
from coursewright.verification.sandbox.answer import Status
from coursewright.verification.sandbox.worker_pool import Handshake, Sandbox
from coursewright.verification.sandbox.worker_process import Worker

NO_TESTS = {"question": "tests", "source": "", "module": "m"}


def test_without_an_image_no_code_is_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SANDBOX_IMAGE", str(tmp_path / "missing.bin"))
    monkeypatch.setattr(image, "build", _cannot_build)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    with pytest.raises(SandboxUnavailable):
        Sandbox("python").ask("run_tests", {}, results.TestReport)


def test_without_webassembly_the_sandbox_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pool, "find_spec", lambda _: None)

    with pytest.raises(SandboxUnavailable, match="WebAssembly is not available"):
        Sandbox("python").ask("run_tests", {}, results.TestReport)


def test_a_worker_that_does_not_start_leaves_the_sandbox_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker_process, "WORKER", Path(__file__).with_name("no_such_worker.py"))

    with pytest.raises(SandboxUnavailable):
        Sandbox("python").ask("run_tests", {}, results.TestReport)


def test_an_invalid_image_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    invalid = tmp_path / "image.bin"
    invalid.write_bytes(b"not an image")
    monkeypatch.setenv("SANDBOX_IMAGE", str(invalid))
    sandbox = Sandbox("python")

    answer = sandbox.ask("read", NO_TESTS, results.TestList)

    sandbox.close()
    assert answer.status is Status.FINISHED


def test_a_world_writable_cache_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    (shared / "coursewright").mkdir(parents=True)
    (shared / "coursewright").chmod(0o777)
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(image, "build", lambda out: out.write_bytes(b"built"))

    cached = image.cached_image()

    assert shared not in cached.parents
    assert cached.read_bytes() == b"built"


def test_the_fingerprint_changes_with_the_guest_modules(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = image.fingerprint()
    changed = tmp_path / "changed.py"
    changed.write_text("changed = True\n", "utf-8")
    monkeypatch.setattr(image, "guest_file", lambda name: changed)

    assert image.fingerprint() != before


def test_a_dead_worker_is_replaced() -> None:
    sandbox = Sandbox("sql")
    sandbox.ask("handshake", {}, Handshake)
    with sandbox._pool.borrow() as borrowed:
        borrowed.kill()

    answer = sandbox.ask("handshake", {}, Handshake)

    sandbox.close()
    assert answer.status is Status.FINISHED


def test_a_late_worker_is_killed_with_its_child_processes(tmp_path: Path) -> None:
    stubborn = tmp_path / "worker.py"
    stubborn.write_text(
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = os.fork()\n"
        f"open({str(tmp_path)!r} + f'/{{os.getpid()}}', 'w').close()\n"
        "time.sleep(60)\n",
        "utf-8",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker_process, "WORKER", stubborn)
        worker = Worker("python")
    processes = _wait_for(lambda: [int(f.name) for f in tmp_path.glob("[0-9]*")], count=2)

    reply = worker.run_job({"action": "handshake"}, 0.1)

    assert reply is None
    assert worker.is_alive is False
    assert _wait_for(lambda: [p for p in processes if _is_running(p)], count=0) == []


def test_a_worker_runs_in_its_own_session() -> None:
    sandbox = Sandbox("sql")
    with sandbox._pool.borrow() as worker:
        process = worker._process.pid

        session = os.getsid(process)

    sandbox.close()
    assert session == process
    assert session != os.getsid(0)


def test_an_endless_job_does_not_affect_other_jobs() -> None:
    sandbox = Sandbox("python")
    modules = {"m": "while True:\n    pass\n"}
    conditions = FIRST.model_dump()
    endless = {
        "modules": modules,
        "tests_module": "m",
        "conditions": conditions,
        "is_explained": False,
    }
    sandbox.ask("read", NO_TESTS, results.TestList)

    with ThreadPoolExecutor(2) as pool:
        hung = pool.submit(
            sandbox.ask, "run_tests", endless, results.TestReport, max_fuel=3 * 10**9
        )
        statuses = [sandbox.ask("read", NO_TESTS, results.TestList).status for _ in range(20)]
        answer = hung.result()

    sandbox.close()
    assert answer == (Status.TIMED_OUT, None, 3 * 10**9)
    assert set(statuses) == {Status.FINISHED}


def test_images_of_older_guests_are_deleted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(image, "build", lambda out: out.write_bytes(b"built"))
    folder = tmp_path / "coursewright"
    folder.mkdir(mode=0o700)
    old, recent, foreign = folder / f"{'a' * 16}.bin", folder / f"{'b' * 16}.bin", folder / "x.txt"
    for file in (old, old.with_suffix(".lock"), recent, foreign):
        file.write_bytes(b"")
    long_ago = time.time() - 2 * image.MAX_IMAGE_AGE_SECONDS
    os.utime(old, (long_ago, long_ago))

    cached = image.cached_image()

    assert not old.exists()
    assert not old.with_suffix(".lock").exists()
    assert [recent.exists(), foreign.exists(), cached.exists()] == [True, True, True]


def test_a_deleted_image_is_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copied = tmp_path / "image.bin"
    shutil.copy(image.cached_image(), copied)
    monkeypatch.setenv("SANDBOX_IMAGE", str(copied))
    sandbox = Sandbox("python")
    sandbox.ask("handshake", {}, Handshake)
    sandbox.close()
    copied.unlink()

    answer = sandbox.ask("handshake", {}, Handshake)

    sandbox.close()
    assert answer.status is Status.FINISHED


def _wait_for(list_processes: Callable[[], list[int]], *, count: int) -> list[int]:
    deadline = time.monotonic() + 10
    while len(processes := list_processes()) != count and time.monotonic() < deadline:
        time.sleep(0.01)
    return processes


def _is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _cannot_build(out: Path) -> None:
    raise OSError("no space left")
