"""Loses, delays and corrupts each reply of a check in turn, and compares the verdicts."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import NamedTuple
from unittest.mock import patch

from coursewright.domain.evidence import Evidence, FindingCode, Verdict
from coursewright.verification import check as entry
from coursewright.verification.check import check_in
from coursewright.verification.check_request import CheckRequest, PythonCheck
from coursewright.verification.python import cheat_detection
from coursewright.verification.sandbox import worker_pool
from coursewright.verification.sandbox.worker_pool import Limits, Sandbox
from tests.cheating_tests import CHEATING_TESTS
from tests.fakes.recorded_workers import Failure, FakeClock, Fault, RecordedWorkers
from tests.hostile_drafts import CHEATS, HONEST, STARTER, SYSTEM_ATTACKS, TESTS
from tests.unit.verification.python import test_mutation_score as scores
from tests.unit.verification.sql.attacks import ATTACKS
from tests.unit.verification.sql.test_check import DRAFT as QUERY
from tests.unit.verification.test_human_written_exercises import EXERCISES

LIMITS = Limits(max_fuel=7_000_000_000)


def draft(solution: str = HONEST, tests: str = TESTS) -> PythonCheck:
    """Return a draft of a function that doubles numbers."""
    return PythonCheck(kind="python", starter=STARTER, solution=solution, tests=tests)


ONE_GRADE = "    def test_high(self):\n        self.assertEqual(grade(90), 'passed')\n"
# Good drafts, and bad ones that are rejected by each part of a check.
DRAFTS: dict[str, CheckRequest] = {
    "an honest draft": draft(),
    "a comparison": draft().model_copy(update={"reference": HONEST}),
    "an honest query": QUERY,
    "strong tests": scores.draft(scores.STRONG),
    "weak tests": scores.draft(scores.WEAK),
    "one test": scores.draft(ONE_GRADE),
    "nothing to mutate": draft("double = abs\n", TESTS.replace("6", "3")),
    "a wrong solution": draft("def double(n):\n    return n + 3\n"),
    "a solution that reads the tests": draft(CHEATS["the expected value read from the file"]),
    "an assertion never reached": draft(tests=CHEATING_TESTS["an assertion after the return"]),
    "a wrong query": QUERY.model_copy(update={"solution": "SELECT name, 1 AS books FROM author"}),
}
MORE_DRAFTS: dict[str, CheckRequest] = {
    **{name: exercise.draft() for name, exercise in EXERCISES.items()},
    **{name: draft(code) for name, code in {**SYSTEM_ATTACKS, **CHEATS}.items()},
    **{name: draft(tests=tests) for name, tests in CHEATING_TESTS.items()},
    **{attack.name: attack.on(QUERY) for attack in ATTACKS},
}


class Trial(NamedTuple):
    """How many failures of a draft's steps were tried, and those after which it looked better."""

    failures: int
    improved: tuple[str, ...]


class Checker:
    """Checks a draft again and again, with and without a failing step."""

    def __init__(self, request: CheckRequest, clock: FakeClock) -> None:
        self._request = request
        self._sandbox = Sandbox(request.kind, LIMITS)
        self.workers = RecordedWorkers(self._sandbox, clock)
        self._pool = self._sandbox._pool
        self._sandbox._pool = self.workers  # type: ignore[assignment]

    def check(self, failure: Failure | None = None) -> Evidence:
        """Return the evidence when a step fails."""
        self.workers.failure = failure
        return check_in(self._sandbox, self._request)

    def close(self) -> None:
        """Shut down the real workers."""
        self._pool.close()


@contextmanager
def repeatable_checks(*, passes_canary: bool = True) -> Iterator[FakeClock]:
    """Make the secrets of all checks equal, set the canary's result, and yield the clock."""
    clock = FakeClock()
    secrets = SimpleNamespace(token_hex=lambda _: "5ec2e7", randbits=lambda _: 11)
    with (
        patch.object(cheat_detection, "secrets", secrets),
        patch.object(entry, "passes_canary", lambda _: passes_canary),
        patch.object(worker_pool, "monotonic", clock),
    ):
        yield clock


def fail_each_step(request: CheckRequest) -> Trial:
    """Make each step of a check fail in every way, once and permanently."""
    with repeatable_checks() as clock:
        checker = Checker(request, clock)
        try:
            expected = checker.check()
            steps = [step for step, reply in checker.workers.steps.items() if reply]
            failures = [
                Failure(step, fault, is_lasting=is_lasting)
                for step in steps
                for fault in Fault
                for is_lasting in (False, True)
            ]
            improved = [
                f"{failure.step[:40]} {failure.fault} {failure.is_lasting}"
                for failure in failures
                if not _is_no_better(checker.check(failure), expected, failure)
            ]
        finally:
            checker.close()
    return Trial(len(failures), tuple(improved))


def _is_no_better(evidence: Evidence, expected: Evidence, failure: Failure) -> bool:
    """Whether one failure changes nothing and a lasting one rejects the draft."""
    if not failure.is_lasting:
        return evidence == expected
    codes = [reason.code for reason in evidence.reasons]
    return evidence.verdict is Verdict.REJECTED and codes == [FindingCode.COULD_NOT_BE_CHECKED]
