"""Repeats test runs under different conditions, and finds what a different outcome depends on."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from coursewright.domain.evidence import Cause, Finding, FindingCode
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.conditions import FIRST, Conditions
from coursewright.verification.python.results import TestRunResult, repeat_fuel, run_tests
from coursewright.verification.rejections import reason, unfinished
from coursewright.verification.sandbox.answer import Status
from coursewright.verification.sandbox.worker_pool import Sandbox

CODES = {
    Cause.OTHER_CHANCE: FindingCode.NOT_REPEATABLE,
    Cause.OTHER_DAY: FindingCode.NOT_REPEATABLE,
    Cause.OTHER_TIME_ZONE: FindingCode.NOT_REPEATABLE,
    Cause.SET_ORDER: FindingCode.NOT_REPEATABLE,
    Cause.HASH_VALUE: FindingCode.NOT_REPEATABLE,
    Cause.ORDER_OF_TESTS: FindingCode.TESTS_DEPEND_ON_EACH_OTHER,
    Cause.TEST_ALONE: FindingCode.TESTS_DEPEND_ON_EACH_OTHER,
}
FIELDS = {
    Cause.OTHER_CHANCE: "seed",
    Cause.OTHER_DAY: "moment",
    Cause.OTHER_TIME_ZONE: "zone_minutes",
    Cause.SET_ORDER: "set_order",
    Cause.HASH_VALUE: "identity_mask",
}
MAX_CAUSES = 3
MAX_SEPARATE_RUNS = 40


class Repeat(NamedTuple):
    """A run under other conditions, and what was left out because it takes too long."""

    conditions: Conditions
    run: TestRunResult | None
    doubts: tuple[Finding, ...] = ()


def repeat(
    check: PythonCheck, first: TestRunResult, conditions: Conditions, sandbox: Sandbox
) -> Repeat:
    """Run the tests again under different conditions.

    Rebuilt sets and separate imports take longer, so a run that uses up its fuel is repeated
    without them.
    """
    run = _run(check, first, conditions, sandbox)
    if run.status is not Status.TIMED_OUT:
        return Repeat(conditions, _confirmed(check, first, conditions, run, sandbox))
    if conditions.order == "alone":
        return Repeat(conditions, None, (unfinished(Cause.TESTS_NOT_ALONE),))
    simpler = conditions.model_copy(update={"set_order": FIRST.set_order})
    doubts = (unfinished(Cause.SETS_NOT_REORDERED),)
    return Repeat(simpler, _run(check, first, simpler, sandbox), doubts)


def _confirmed(
    check: PythonCheck,
    first: TestRunResult,
    conditions: Conditions,
    run: TestRunResult,
    sandbox: Sandbox,
) -> TestRunResult:
    """Return the first run instead, if separate interpreters restore its outcomes.

    Tests that run alone share one interpreter, and so what a draft changes in the standard library.
    """
    changed = _changed(first, run)
    if conditions.order != "alone" or not 0 < len(changed) <= MAX_SEPARATE_RUNS:
        return run
    for test in changed:
        only = conditions.model_copy(update={"only": test})
        separate = _run(check, first, only, sandbox)
        if not separate.is_complete or (test in separate.passed) is not (test in first.passed):
            return run
    return first


def _run(
    check: PythonCheck, first: TestRunResult, conditions: Conditions, sandbox: Sandbox
) -> TestRunResult:
    max_fuel = repeat_fuel(first.fuel, sandbox)
    run = run_tests(check, check.solution, sandbox, conditions=conditions, max_fuel=max_fuel)
    sandbox.budget.charge(run.fuel)
    return run


def is_repeated(first: TestRunResult, repeats: Sequence[Repeat]) -> bool:
    """Whether every run had the outcome of the first."""
    return all(_outcome(r.run) == _outcome(first) for r in repeats if r.run is not None)


def not_repeatable(
    check: PythonCheck, first: TestRunResult, repeats: Sequence[Repeat], sandbox: Sandbox
) -> list[Finding]:
    """Return what the outcome depends on; empty if every run had the outcome of the first."""
    if is_repeated(first, repeats):
        return []
    again = _run(check, first, FIRST, sandbox)
    if changed := _changed(first, again):
        return [_finding(Cause.OTHER_CHANCE, changed)]
    tests_by_cause: dict[Cause, list[str]] = {}
    for differing in repeats:
        if differing.run is not None and _outcome(differing.run) != _outcome(first):
            for cause, conditions in _single_conditions(differing.conditions):
                if cause not in tests_by_cause:
                    changed = _changed_under(check, first, conditions, sandbox)
                    tests_by_cause |= {cause: changed} if changed else {}
    if not tests_by_cause:
        return [reason(FindingCode.NOT_REPEATABLE, _all_changed(first, repeats))]
    return [_finding(cause, tests) for cause, tests in list(tests_by_cause.items())[:MAX_CAUSES]]


def _changed_under(
    check: PythonCheck, first: TestRunResult, conditions: Conditions, sandbox: Sandbox
) -> list[str]:
    run = _run(check, first, conditions, sandbox)
    return _changed(first, _confirmed(check, first, conditions, run, sandbox))


def _single_conditions(conditions: Conditions) -> Iterator[tuple[Cause, Conditions]]:
    """Yield each difference from the first run alone, with the cause that it stands for."""
    causes = FIELDS | {
        Cause.TEST_ALONE if conditions.order == "alone" else Cause.ORDER_OF_TESTS: "order"
    }
    for cause, field in causes.items():
        value = getattr(conditions, field)
        if value != getattr(FIRST, field):
            yield cause, FIRST.model_copy(update={field: value})


def _finding(cause: Cause, tests: Sequence[str]) -> Finding:
    return reason(CODES[cause], tests, cause=cause)


def _all_changed(first: TestRunResult, repeats: Sequence[Repeat]) -> list[str]:
    return sorted({test for r in repeats if r.run is not None for test in _changed(first, r.run)})


def _changed(first: TestRunResult, run: TestRunResult) -> list[str]:
    """Return the tests with a different outcome, or all of them if the run did not complete."""
    if _outcome(first)[:2] != _outcome(run)[:2]:
        return sorted(first.ran | run.ran)
    return sorted((first.passed ^ run.passed) | (first.ran ^ run.ran))


def _outcome(run: TestRunResult) -> tuple[Status, bool, set[str], set[str]]:
    return run.status, run.is_complete, run.ran, run.passed
