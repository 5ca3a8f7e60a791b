"""Hostile drafts are contained and rejected, and do not affect the next check."""

import os
from pathlib import Path
from typing import Any

import pytest

from coursewright.domain.evidence import Evidence, FindingCode, Verdict
from coursewright.verification.check import check_in
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.check import check_python
from coursewright.verification.python.results import run_tests
from coursewright.verification.sandbox.answer import Answer, Status
from coursewright.verification.sandbox.worker_pool import Sandbox
from tests.cheating_tests import CHEATING_TESTS
from tests.hidden_attacks import HIDDEN_ATTACKS
from tests.hostile_drafts import CHEATS, HONEST, STARTER, SYSTEM_ATTACKS, TESTS


def draft(solution: str, tests: str = TESTS) -> PythonCheck:
    return PythonCheck(kind="python", starter=STARTER, solution=solution, tests=tests)


def codes(evidence: Evidence) -> set[FindingCode]:
    return {reason.code for reason in evidence.reasons}


EXPECTED = {
    "an endless loop": FindingCode.TIMED_OUT,
    "endless work in C code": FindingCode.TIMED_OUT,
    "a long sleep": FindingCode.TIMED_OUT,
    "a memory bomb": FindingCode.OUT_OF_MEMORY,
    "endless recursion": FindingCode.SOLUTION_FAILS,
    "a stack overflow in the parser": FindingCode.ENDED_EARLY,
    "an exit": FindingCode.SOLUTION_DOES_NOT_LOAD,
    "an exit without cleanup": FindingCode.ENDED_EARLY,
    "an interrupt in a test": FindingCode.ENDED_EARLY,
    "a new process": FindingCode.SANDBOX_LACKS,
    "a fork bomb": FindingCode.SANDBOX_LACKS,
    "a thread": FindingCode.SANDBOX_LACKS,
    "a socket": FindingCode.SANDBOX_LACKS,
    "native code": FindingCode.SANDBOX_LACKS,
    "null bytes": FindingCode.SOLUTION_IS_NOT_PYTHON,
    "a patched assertion": FindingCode.TESTS_TAMPERED_WITH,
    "a patched test run": FindingCode.TESTS_TAMPERED_WITH,
    "a patched built-in": FindingCode.TESTS_TAMPERED_WITH,
    "a skipped test": FindingCode.ALL_TESTS_SKIPPED,
    "a forged result on standard output": FindingCode.ENDED_EARLY,
    "a forged result variable": FindingCode.ENDED_EARLY,
    "the expected value read from the file": FindingCode.SOLUTION_FAILS,
    "no tests": FindingCode.NO_TESTS,
    "all skipped": FindingCode.ALL_TESTS_SKIPPED,
    "only a type check": FindingCode.TESTS_TOO_WEAK,
    "tests hidden by load_tests": FindingCode.TESTS_MISSING,
}
DRAFTS = {
    **{name: draft(code) for name, code in {**SYSTEM_ATTACKS, **CHEATS, **HIDDEN_ATTACKS}.items()},
    **{name: draft(HONEST, tests) for name, tests in CHEATING_TESTS.items()},
}


@pytest.mark.parametrize("name", DRAFTS)
def test_an_attack_is_rejected_and_does_not_affect_the_next_check(
    name: str, python_sandbox: Sandbox
) -> None:
    evidence = check_in(python_sandbox, DRAFTS[name])
    afterwards = run_tests(draft(HONEST), HONEST, python_sandbox)

    assert evidence.verdict is Verdict.REJECTED
    assert name not in EXPECTED or EXPECTED[name] in codes(evidence)
    assert len(afterwards.passed) == 2


def test_there_are_at_least_sixty_attacks_and_cheats() -> None:
    assert len(DRAFTS) >= 60
    assert DRAFTS.keys() >= EXPECTED.keys()


def test_excessive_output_is_discarded(python_sandbox: Sandbox) -> None:
    flood = (
        "import os\nfor _ in range(300):\n    os.write(1, b'x' * 10**5)\n    print('x' * 10**5)\n"
    )

    evidence = check_python(draft(flood + HONEST), python_sandbox)

    assert evidence.solution_passes is True


def test_environment_and_files_cannot_be_read(
    python_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    spy = (
        "import os\n"
        "seen = [item for item in os.environ.items() if item[0][:6] != 'PYTHON']\n"
        f"for path in ({__file__!r}, '/etc/passwd', '/proc/self/environ', '/proc/1/environ'):\n"
        "    try:\n        seen.append(open(path).read())\n    except OSError:\n        pass\n"
        "assert not seen, seen\n"
    )

    evidence = check_python(draft(spy + HONEST), python_sandbox)

    assert evidence.solution_passes is True


def test_checks_do_not_share_state(python_sandbox: Sandbox) -> None:
    once = "import math, os\nassert not hasattr(math, 'mark')\nmath.mark = True\n" + HONEST

    first = check_python(draft(once), python_sandbox)
    second = check_python(draft(once), python_sandbox)

    assert (first.solution_passes, second.solution_passes) == (True, True)


def test_an_endless_loop_costs_one_timeout(
    python_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses: list[Status] = []

    def ask(*args: Any, **options: Any) -> Answer[Any]:
        answer: Answer[Any] = unwatched(*args, **options)
        statuses.append(answer.status)
        return answer

    unwatched = Sandbox.ask
    monkeypatch.setattr(Sandbox, "ask", ask)

    check_python(draft("while True:\n    pass\n"), python_sandbox)

    assert statuses.count(Status.TIMED_OUT) == 1


def test_the_worker_does_not_inherit_the_environment(python_sandbox: Sandbox) -> None:
    check_python(draft(HONEST), python_sandbox)

    children = _children()

    assert children
    for child in children:
        environment = Path(f"/proc/{child}/environ").read_bytes()
        assert b"AWS" not in environment
        assert os.getsid(child) != os.getsid(0)


def _children() -> list[int]:
    processes = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
    mine = os.getpid()
    return [p for p in processes if _parent(p) == mine and b"worker.py" in _command(p)]


def _parent(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def _command(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""
