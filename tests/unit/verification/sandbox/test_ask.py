"""A job has an outcome only if its code alone decides about it; everything else is repeated."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coursewright.domain.errors import StepUnanswered
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python import results
from coursewright.verification.sandbox.answer import Status
from coursewright.verification.sandbox.worker_pool import Limits, Sandbox
from coursewright.verification.sandbox.worker_process import Worker

MEMORY = "items = []\nwhile True:\n    items.append('x' * 10**6)\n"
ENDLESS_EQUALITY = """
class Same:
    def __eq__(self, other):
        return [self] == [other]

Same() == Same()
"""
FINISHED = "print(1)\n"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox("python", Limits(max_fuel=2_000_000_000, seconds=2))
    yield made
    made.close()


def run(sandbox: Sandbox, code: str) -> results.TestRunResult:
    tests = "import solution\n"
    check = PythonCheck(kind="python", starter="", solution=code, tests=tests)
    return results.run_tests(check, code, sandbox)


def disturb(
    monkeypatch: pytest.MonkeyPatch, action: Callable[[Worker], None], *, times: int
) -> list[Worker]:
    """Act on the worker before each of the next jobs, except handshakes."""
    disturbed: list[Worker] = []
    undisturbed = Worker.run_job

    def run_job(worker: Worker, job: dict[str, Any], seconds: float) -> Any:
        if job["action"] != "handshake" and len(disturbed) < times:
            disturbed.append(worker)
            action(worker)
        return undisturbed(worker, job, seconds)

    monkeypatch.setattr(Worker, "run_job", run_job)
    return disturbed


def die(worker: Worker) -> None:
    worker._process.send_signal(signal.SIGKILL)


def hang(worker: Worker) -> None:
    worker._process.send_signal(signal.SIGSTOP)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (FINISHED, Status.FINISHED),
        ("while True:\n    pass\n", Status.TIMED_OUT),
        (MEMORY, Status.FINISHED),  # the test runner reports the error
        ("import os\nos._exit(0)\n", Status.ENDED_EARLY),
        (ENDLESS_EQUALITY, Status.ENDED_EARLY),
    ],
    ids=["finished", "endless", "out of memory", "exit", "endless recursion in C code"],
)
def test_an_outcome_of_the_code_is_an_answer_at_once(
    code: str, status: Status, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts = disturb(monkeypatch, lambda _: None, times=9)

    answer = run(sandbox, code)

    assert answer.status is status
    assert (answer.report is not None) is (status is Status.FINISHED)
    assert len(attempts) == 1


def test_the_same_job_uses_nearly_the_same_fuel_each_time(sandbox: Sandbox) -> None:
    fuel = [run(sandbox, FINISHED).fuel for _ in range(3)]

    assert max(fuel) < 1.02 * min(fuel)
    assert 0 < max(fuel) < 2_000_000_000


@pytest.mark.parametrize("action", [die, hang])
def test_a_job_whose_worker_fails_is_repeated_in_a_new_one(
    action: Callable[[Worker], None], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(sandbox, FINISHED)
    failed = disturb(monkeypatch, action, times=1)

    answer = run(sandbox, FINISHED)

    assert answer.status is Status.FINISHED
    assert failed[0].is_alive is False


def test_a_job_without_a_second_answer_either_is_unanswered(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = disturb(monkeypatch, die, times=2)

    with pytest.raises(StepUnanswered, match="run_tests"):
        run(sandbox, FINISHED)

    assert len(set(failed)) == 2


def test_a_worker_that_aborts_without_an_overflow_gives_no_answer(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    disturb(monkeypatch, lambda worker: worker._process.send_signal(signal.SIGABRT), times=2)

    with pytest.raises(StepUnanswered):
        run(sandbox, FINISHED)


def test_code_that_only_claims_an_overflow_is_not_believed(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = "import os\nos.write(2, b'has overflowed its stack')\nwhile True:\n    pass\n"

    answer = run(sandbox, claim)

    assert answer.status is Status.TIMED_OUT


def test_sleeping_code_has_no_outcome(sandbox: Sandbox) -> None:
    with pytest.raises(StepUnanswered):
        run(sandbox, "import select\nselect.select([], [], [], 60)\n")


def test_a_job_leaves_no_output_for_the_next_one(sandbox: Sandbox) -> None:
    run(sandbox, "import os\nos.write(2, b'x' * 1000)\n")
    with sandbox._pool.borrow() as worker:
        errors = Path(worker._folder.name, "stderr.txt")
        before = errors.stat().st_size

    run(sandbox, FINISHED)

    assert (before, errors.stat().st_size) == (1000, 0)
