"""Code that sleeps takes no time, and its clocks advance as if it did."""

from coursewright.domain.evidence import FindingCode, Verdict
from coursewright.verification.check import check_in
from coursewright.verification.sandbox.worker_pool import Sandbox
from tests.unit.verification.python.test_mutation_score import draft

WAITING = """
import time

def grade(points):
    started = time.time(), time.monotonic(), time.perf_counter()
    waited = 0
    while waited < points:
        time.sleep(1)
        waited += 1
    ended = time.time(), time.monotonic(), time.perf_counter()
    return [round(end - start) for start, end in zip(started, ended)]
"""
TESTS = """
    def test_waits(self):
        self.assertEqual(grade(5), [5, 5, 5])
        self.assertEqual(grade(1), [1, 1, 1])
        self.assertEqual(grade(0), [0, 0, 0])
"""


def test_a_pause_takes_no_time_but_can_be_measured(python_sandbox: Sandbox) -> None:
    evidence = check_in(python_sandbox, draft(TESTS, WAITING))

    assert evidence.verdict is Verdict.VERIFIED
    assert evidence.mutants.killed > 0


def test_code_that_sleeps_for_too_long_times_out(python_sandbox: Sandbox) -> None:
    evidence = check_in(python_sandbox, draft(TESTS, WAITING.replace("sleep(1)", "sleep(100)")))

    assert [reason.code for reason in evidence.reasons] == [FindingCode.TIMED_OUT]


def test_a_negative_pause_is_an_error(python_sandbox: Sandbox) -> None:
    evidence = check_in(python_sandbox, draft(TESTS, WAITING.replace("sleep(1)", "sleep(-1)")))

    assert [reason.code for reason in evidence.reasons] == [FindingCode.SOLUTION_FAILS]
