"""Verifies a Python draft: its tests, its solution, and whether the tests really check it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from coursewright.domain.base import Record
from coursewright.domain.evidence import (
    Cause,
    Evidence,
    Failure,
    Finding,
    FindingCode,
    RepairTarget,
    Verdict,
)
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.load_errors import (
    code_too_long,
    lacks,
    normalised,
    part_too_long,
    unloadable,
    unreadable_tests,
)
from coursewright.verification.python.argument_protection import (
    ArgumentFindings,
    find_forbidden_changes,
)
from coursewright.verification.python.cheat_detection import CheatFindings, detect_cheating
from coursewright.verification.python.conditions import REPEATS, Conditions
from coursewright.verification.python.failure_explanation import explain_failures
from coursewright.verification.python.mutation_score import MutationScore, measure_mutation_score
from coursewright.verification.python.repeatability import (
    Repeat,
    is_repeated,
    not_repeatable,
    repeat,
)
from coursewright.verification.python.results import (
    LoadError,
    TestList,
    TestRunResult,
    list_tests,
    make_stub,
    run_tests,
)
from coursewright.verification.rejections import doubt, reason, unfinished
from coursewright.verification.sandbox.answer import Status
from coursewright.verification.sandbox.worker_pool import POOL_SIZE, Sandbox

FAILURES_SHOWN = 5
MIN_CASES = 3
MIN_CASES_IN_ONE_TEST = 5
# Errors that a test file causes by itself, regardless of the solution.
TESTS_OWN_ERRORS = {"NameError", "UnboundLocalError", "SyntaxError", "IndentationError"}


def check_python(check: PythonCheck, sandbox: Sandbox) -> Evidence:
    """Run every check on a Python draft and return the evidence."""
    if part := part_too_long(check):
        fault = RepairTarget.TESTS if part == "tests" else RepairTarget.SOLUTION
        return _rejected(fault, code_too_long(part))
    check = normalised(check)
    sandbox = sandbox.for_one_check()
    listed = list_tests(check, sandbox)
    if listed.error:
        return _rejected(RepairTarget.TESTS, unreadable_tests(listed.error))
    if not listed.tests:
        return _rejected(RepairTarget.TESTS, reason(FindingCode.NO_TESTS))
    return _check_listed(check, sandbox, listed)


def _check_listed(check: PythonCheck, sandbox: Sandbox, listed: TestList) -> Evidence:
    first = explain_failures(check, run_tests(check, check.solution, sandbox), sandbox)
    # Tests that the file itself declares as skipped need not run.
    tests = set(listed.tests) - (first.skipped & set(listed.skipped))
    if first.status is not Status.FINISHED:
        return _rejected(RepairTarget.SOLUTION, _broken(first.status))
    if not tests:
        return _rejected(RepairTarget.TESTS, reason(FindingCode.ALL_TESTS_SKIPPED))
    if load_error := first.report and first.report.load_error:
        starter = run_tests(check, check.starter, sandbox)
        return _not_loaded(check, load_error, starter, tests)
    runs = _run_all(check, sandbox, first, listed.normalised)
    late = [run.status for run in runs.solution if run.status is not Status.FINISHED]
    if late:
        return _rejected(RepairTarget.SOLUTION, _broken(late[0]))
    return _weigh(check, sandbox, tests, listed, runs)


class _Runs(Record):
    """Test runs on the versions of the code that every draft has."""

    solution: tuple[TestRunResult, ...]
    starter: TestRunResult
    stub: TestRunResult | None
    repeats: tuple[Repeat, ...]
    against_repeats: tuple[Finding, ...]
    doubts: tuple[Finding, ...]

    @property
    def first(self) -> TestRunResult:
        return self.solution[0]


def _run_all(
    check: PythonCheck, sandbox: Sandbox, first: TestRunResult, normalised_tests: str
) -> _Runs:
    stub = make_stub(check, sandbox)
    again = check.model_copy(update={"tests": normalised_tests})

    def run(code: str) -> TestRunResult:
        return run_tests(check, code, sandbox)

    def run_again(conditions: Conditions) -> Repeat:
        return repeat(again, first, conditions, sandbox)

    with ThreadPoolExecutor(POOL_SIZE) as pool:
        starter = pool.submit(run, check.starter)
        emptied = None if stub is None else pool.submit(run, stub)
        repeats = list(pool.map(run_again, REPEATS))
    return _Runs(
        solution=(first, *(r.run for r in repeats if r.run is not None)),
        starter=starter.result(),
        stub=emptied.result() if emptied else None,
        repeats=tuple(repeats),
        against_repeats=tuple(not_repeatable(again, first, repeats, sandbox)),
        doubts=(
            *(doubt for r in repeats for doubt in r.doubts),
            *([] if emptied else [unfinished(Cause.STUB_NOT_MADE)]),
        ),
    )


def _weigh(
    check: PythonCheck, sandbox: Sandbox, tests: set[str], listed: TestList, runs: _Runs
) -> Evidence:
    first = runs.first
    against_solution = _solution_fails(first)
    against_tests = [*_missing(first, tests, listed.hidden), *_too_easy(runs, tests)]
    arguments, cheating, strength = ArgumentFindings(), CheatFindings(), MutationScore()
    fuel = first.fuel
    if not check.reference and not against_solution + against_tests:
        arguments = find_forbidden_changes(check, sandbox)
        against_solution += arguments.reasons
    # Mutants are expensive, so they are tried only if there is nothing else against the draft.
    if not check.reference and not against_solution + against_tests:
        on_stub = runs.stub.passed if runs.stub else tests
        cheating = detect_cheating(check, sandbox, tests, passes_on_stub=on_stub, fuel=fuel)
        against_tests += cheating.reasons
    if not check.reference and not against_solution + against_tests:
        strength = measure_mutation_score(check, sandbox, tests, fuel=fuel)
        against_tests += strength.reasons
    reasons = [*against_solution, *against_tests]
    return Evidence(
        verdict=Verdict.REJECTED if reasons else Verdict.VERIFIED,
        reasons=tuple(reasons),
        doubts=(
            *runs.doubts,
            *arguments.doubts,
            *cheating.doubts,
            *strength.doubts,
            *_few_cases(listed),
        ),
        mutants=strength.mutants,
        fault=_fault(check, first, against_tests, against_solution),
        **_report(runs, tests),
    )


def _few_cases(listed: TestList) -> list[Finding]:
    """Return the doubt about tests that look at too few cases to rule out a wrong solution."""
    enough = MIN_CASES_IN_ONE_TEST if len(listed.tests) == 1 else MIN_CASES
    return [] if listed.cases >= enough else [doubt(FindingCode.FEW_CASES, cases=listed.cases)]


def _too_easy(runs: _Runs, tests: set[str]) -> list[Finding]:
    """Return reasons against tests that pass by chance or without a solution."""
    solution_passes = _solution_passes(runs, tests)
    stub_passes = solution_passes and runs.stub is not None and runs.stub.passes(tests)
    return [
        *runs.against_repeats,
        *([reason(FindingCode.STARTER_PASSES)] if runs.starter.passes(tests) else []),
        *([reason(FindingCode.STUB_PASSES)] if stub_passes else []),
    ]


def _report(runs: _Runs, tests: set[str]) -> dict[str, Any]:
    failures = runs.first.failures[:FAILURES_SHOWN]
    return {
        "solution_passes": _solution_passes(runs, tests),
        "starter_fails": not runs.starter.passes(tests),
        "tests_run": len(runs.first.ran & tests),
        "repeatable": is_repeated(runs.first, runs.repeats),
        "failures": tuple(Failure(test=o.test, message=o.message) for o in failures),
    }


def _solution_passes(runs: _Runs, tests: set[str]) -> bool:
    return all(run.passes(tests) for run in runs.solution)


def _rejected(fault: RepairTarget, *reasons: Finding, starter_fails: bool = False) -> Evidence:
    return Evidence(
        verdict=Verdict.REJECTED, reasons=reasons, starter_fails=starter_fails, fault=fault
    )


def _broken(status: Status) -> Finding:
    codes = {
        Status.TIMED_OUT: FindingCode.TIMED_OUT,
        Status.OUT_OF_MEMORY: FindingCode.OUT_OF_MEMORY,
        Status.ENDED_EARLY: FindingCode.ENDED_EARLY,
    }
    return reason(codes[status], cause=Cause.TESTING_SOLUTION)


def _not_loaded(
    check: PythonCheck, error: LoadError, starter: TestRunResult, tests: set[str]
) -> Evidence:
    """Reject a draft that cannot be imported; if the starter fails too, the tests are at fault."""
    in_solution = error.module == check.module
    stops_starter = bool(
        starter.report
        and starter.report.load_error
        and starter.report.load_error.module == check.tests_module
    )
    fault = RepairTarget.SOLUTION if in_solution or not stops_starter else RepairTarget.TESTS
    why = unloadable(error, in_solution=in_solution)
    return _rejected(fault, why, starter_fails=not starter.passes(tests))


def _missing(run: TestRunResult, tests: set[str], hidden: Sequence[str]) -> list[Finding]:
    outcomes = run.report.outcomes if run.report else []
    if outcomes and all(outcome.outcome == "skipped" for outcome in outcomes):
        return [reason(FindingCode.ALL_TESTS_SKIPPED)]
    has_broken_fixture = bool({failure.test for failure in run.failures} - tests)
    was_stopped = run.report is not None and run.report.stopped is not None
    missing = [] if has_broken_fixture or was_stopped else sorted(tests - run.ran)
    unexpected = [] if has_broken_fixture else sorted(run.ran - tests)
    return [
        *([reason(FindingCode.TESTS_MISSING, missing)] if missing else []),
        *([reason(FindingCode.TESTS_HIDDEN, hidden)] if hidden else []),
        *([reason(FindingCode.TESTS_UNEXPECTED, unexpected)] if unexpected else []),
    ]


def _solution_fails(run: TestRunResult) -> list[Finding]:
    report = run.report
    if lacking := [f.message for f in run.failures if lacks(f.error, f.message)]:
        return [reason(FindingCode.SANDBOX_LACKS, error=lacking[0])]
    failed = sorted({failure.test for failure in run.failures})
    if report is not None and report.tampered:
        return [reason(FindingCode.TESTS_TAMPERED_WITH)]
    if report is not None and report.stopped:
        return [reason(FindingCode.ENDED_EARLY, error=report.stopped.message)]
    if any(failure.error == "MemoryError" for failure in run.failures):
        return [reason(FindingCode.OUT_OF_MEMORY)]
    return [reason(FindingCode.SOLUTION_FAILS, failed)] if failed else []


def _fault(
    check: PythonCheck,
    run: TestRunResult,
    against_tests: Sequence[Finding],
    against_solution: Sequence[Finding],
) -> RepairTarget:
    tests_file = f"{check.tests_module}.py"
    own = (f.error in TESTS_OWN_ERRORS or lacks(f.error, f.message) for f in run.failures)
    in_tests = (failure.file_name == tests_file for failure in run.failures)
    breaks_in_tests = bool(run.failures) and all(own) and all(in_tests)
    if against_tests or breaks_in_tests:
        return RepairTarget.TESTS
    return RepairTarget.SOLUTION if against_solution else RepairTarget.NONE
