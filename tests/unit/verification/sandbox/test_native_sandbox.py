"""Without WebAssembly, three locks together hold the same code; without them, nothing runs."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coursewright.domain.errors import SandboxUnavailable
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.check import check_python
from coursewright.verification.python.results import run_tests
from coursewright.verification.rejections import ReasonCode, Verdict
from coursewright.verification.sandbox import native_lockdown, worker_pool
from coursewright.verification.sandbox.worker_pool import (
    Limits,
    Sandbox,
)
from tests.hostile_drafts import CHEATS, HONEST, STARTER, SYSTEM_ATTACKS, TESTS


def draft(solution: str = HONEST) -> PythonCheck:
    return PythonCheck(kind="python", starter=STARTER, solution=solution, tests=TESTS)


@pytest.fixture(scope="module")
def native() -> Iterator[Sandbox]:
    """A sandbox on a machine that has no WebAssembly."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker_pool, "_images", lambda: iter(()))
        made = Sandbox("python", Limits(seconds=1))
        try:
            made.run("probe", {})
        except SandboxUnavailable as error:
            pytest.skip(f"this machine allows no native sandbox: {error}")
        yield made
        made.close()


def test_an_honest_draft_is_verified_natively(native: Sandbox) -> None:
    evidence = check_python(draft(), native)

    assert evidence.verdict is Verdict.VERIFIED


@pytest.mark.parametrize("name", [*SYSTEM_ATTACKS, *CHEATS])
def test_an_attack_is_contained_natively(name: str, native: Sandbox) -> None:
    evidence = check_python(draft({**SYSTEM_ATTACKS, **CHEATS}[name]), native)
    afterwards = run_tests(draft(), HONEST, native, seed=1)

    assert evidence.verdict is Verdict.REJECTED
    assert len(afterwards.passed) == 2


def test_files_of_the_machine_cannot_be_read_natively(native: Sandbox) -> None:
    spy = (
        "seen = []\n"
        f"for path in ({__file__!r}, '/etc/passwd', '/proc/self/environ', '/proc/1/environ'):\n"
        "    try:\n        seen.append(open(path).read())\n    except OSError:\n        pass\n"
        "assert not seen, seen\n"
    )

    evidence = check_python(draft(spy + HONEST), native)

    assert evidence.solution_passes is True


def test_no_authoring_pages_is_left_behind(native: Sandbox, tmp_path: Path) -> None:
    with native._borrowed() as worker:
        folder = Path(worker._folder.name)

    run_tests(draft(), "open('left.txt', 'w').write('x')\n" + HONEST, native, seed=1)

    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("lock", ["no_new_privs", "landlock", "seccomp"])
def test_each_of_the_locks_is_needed(
    lock: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(native_lockdown, "_limit", lambda *_: None)
    monkeypatch.setattr(native_lockdown, "_restrict_files", lambda *_: None)
    monkeypatch.setattr(native_lockdown, "_libc", Refusing(lock))
    if lock == "landlock":
        monkeypatch.undo()
        monkeypatch.setattr(native_lockdown, "_limit", lambda *_: None)
        monkeypatch.setattr(native_lockdown, "_libc", Refusing(lock))

    with pytest.raises(native_lockdown.LockdownRefused, match=lock):
        native_lockdown.lock_down(tmp_path, seconds=1, memory_mb=256)


class Refusing:
    """A C library on a machine that refuses one of the locks."""

    def __init__(self, lock: str) -> None:
        self.lock = lock
        self.syscall = self._landlock

    def prctl(self, option: int, *_: object) -> int:
        names = {38: "no_new_privs", 22: "seccomp"}
        return -1 if names[option] == self.lock else 0

    @staticmethod
    def _landlock(*_: object) -> int:
        return -1


def test_without_any_isolation_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pool, "_images", lambda: iter(()))
    monkeypatch.setattr(worker_pool, "WORKER", Path(__file__).with_name("no_such_worker.py"))

    with pytest.raises(SandboxUnavailable):
        Sandbox("python").run("run", {})


def test_another_processor_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")

    with pytest.raises(native_lockdown.LockdownRefused):
        native_lockdown.lock_down(tmp_path, seconds=1, memory_mb=256)


def test_the_log_says_which_isolation_holds(caplog: Any, native: Sandbox) -> None:
    caplog.set_level(logging.INFO, logger="coursewright.verification.sandbox.worker_pool")
    first = Sandbox("python", Limits(seconds=1))

    first.run("probe", {})

    first.close()
    ready = [record for record in caplog.records if record.message == "sandbox_ready"]
    assert [record.isolation for record in ready] == ["native"]


def test_threads_are_lacking_natively_too(native: Sandbox) -> None:
    code = "import threading\nthreading.Thread(target=print).start()\n"

    evidence = check_python(draft(code), native)

    assert [reason.code for reason in evidence.reasons] == [ReasonCode.SANDBOX_LACKS]
