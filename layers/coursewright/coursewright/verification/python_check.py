"""Decides whether a Python draft is what it claims to be."""

from collections.abc import Sequence

from coursewright.verification.contract import (
    Evidence,
    Failure,
    Fault,
    PythonCheck,
    Reason,
    ReasonCode,
    Verdict,
    reason,
)
from coursewright.verification.runs import (
    LoadError,
    Run,
    list_tests,
    make_stub,
    run_tests,
    with_sets_in_another_order,
)
from coursewright.verification.sandbox import Sandbox, Status
from coursewright.verification.strength import Strength, measure

SEEDS = (11, 23, 47)
FAILURES_SHOWN = 5
# Names that a test file gets wrong by itself, whatever the solution does.
TESTS_OWN_ERRORS = {"NameError", "UnboundLocalError", "SyntaxError", "IndentationError"}


def check_python(check: PythonCheck, sandbox: Sandbox) -> Evidence:
    """Run a Python draft through everything it must withstand."""
    listed = list_tests(check, sandbox)
    if listed.error:
        return _rejected(Fault.TESTS, reason(ReasonCode.TESTS_DO_NOT_LOAD, listed.error))
    if not listed.tests:
        return _rejected(Fault.TESTS, reason(ReasonCode.NO_TESTS))
    tests = set(listed.tests)
    first = run_tests(check, check.solution, sandbox, seed=SEEDS[0])
    if first.status is not Status.FINISHED:
        return _rejected(Fault.SOLUTION, _broken(first.status))
    starter = run_tests(check, check.starter, sandbox, seed=SEEDS[0])
    if load_error := first.facts and first.facts.load_error:
        return _not_loaded(check, load_error, starter, tests)
    again = with_sets_in_another_order(check, sandbox)
    repeats = [run_tests(again, again.solution, sandbox, seed=seed) for seed in SEEDS[1:]]
    return _weigh(check, sandbox, tests, listed.hidden, [first, *repeats], starter)


def _weigh(
    check: PythonCheck,
    sandbox: Sandbox,
    tests: set[str],
    hidden: Sequence[str],
    runs: Sequence[Run],
    starter: Run,
) -> Evidence:
    first = runs[0]
    is_repeatable = all(_results(run) == _results(first) for run in runs)
    solution_passes = all(run.passes(tests) for run in runs)
    against_tests = [
        *_missing(first, tests, hidden),
        *([] if is_repeatable else [reason(ReasonCode.NOT_REPEATABLE, _unsteady(runs))]),
        *([reason(ReasonCode.STARTER_PASSES)] if starter.passes(tests) else []),
        *_stub_passes(check, sandbox, tests, solution_passes=solution_passes),
    ]
    against_solution = _solution_fails(first)
    # Only a draft that is right in all else is worth the time of its variants.
    strength = (
        measure(check, sandbox, tests) if not against_solution + against_tests else Strength()
    )
    reasons = [*against_solution, *against_tests, *strength.reasons]
    return Evidence(
        verdict=Verdict.REJECTED if reasons else Verdict.VERIFIED,
        reasons=reasons,
        solution_passes=solution_passes,
        starter_fails=not starter.passes(tests),
        tests_run=len(first.ran & tests),
        mutants=strength.mutants,
        repeatable=is_repeatable,
        failures=[
            Failure(test=failure.test, message=failure.message)
            for failure in first.failures[:FAILURES_SHOWN]
        ],
        fault=_fault(check, first, [*against_tests, *strength.reasons], against_solution),
    )


def _rejected(fault: Fault, *reasons: Reason, starter_fails: bool = False) -> Evidence:
    return Evidence(
        verdict=Verdict.REJECTED, reasons=list(reasons), starter_fails=starter_fails, fault=fault
    )


def _broken(status: Status) -> Reason:
    codes = {
        Status.TIMED_OUT: ReasonCode.TIMED_OUT,
        Status.OUT_OF_MEMORY: ReasonCode.OUT_OF_MEMORY,
        Status.ENDED_EARLY: ReasonCode.ENDED_EARLY,
    }
    return reason(codes[status], "It happened while the tests ran on the solution.")


def _not_loaded(check: PythonCheck, error: LoadError, starter: Run, tests: set[str]) -> Evidence:
    """Tell whose fault it is: what stops the starter in the same way lies with the tests."""
    in_solution = error.module == check.module
    stops_starter = bool(
        starter.facts
        and starter.facts.load_error
        and starter.facts.load_error.module == check.tests_module
    )
    fault = Fault.SOLUTION if in_solution or not stops_starter else Fault.TESTS
    code = ReasonCode.SOLUTION_DOES_NOT_LOAD if in_solution else ReasonCode.TESTS_DO_NOT_LOAD
    return _rejected(fault, reason(code, error.message), starter_fails=not starter.passes(tests))


def _missing(run: Run, tests: set[str], hidden: Sequence[str]) -> list[Reason]:
    outcomes = run.facts.outcomes if run.facts else []
    if outcomes and all(outcome.outcome == "skipped" for outcome in outcomes):
        return [reason(ReasonCode.ALL_TESTS_SKIPPED)]
    has_broken_fixture = bool({failure.test for failure in run.failures} - tests)
    was_stopped = run.facts is not None and run.facts.stopped is not None
    missing = [] if has_broken_fixture or was_stopped else sorted(tests - run.ran)
    unexpected = [] if has_broken_fixture else sorted(run.ran - tests)
    return [
        *([reason(ReasonCode.TESTS_MISSING, _names(missing))] if missing else []),
        *([reason(ReasonCode.TESTS_MISSING, f"Hidden: {_names(hidden)}")] if hidden else []),
        *([reason(ReasonCode.TESTS_UNEXPECTED, _names(unexpected))] if unexpected else []),
    ]


def _solution_fails(run: Run) -> list[Reason]:
    facts = run.facts
    failed = sorted({failure.test for failure in run.failures})
    if facts is not None and facts.tampered:
        return [reason(ReasonCode.TESTS_TAMPERED_WITH)]
    if facts is not None and facts.stopped:
        return [reason(ReasonCode.ENDED_EARLY, facts.stopped.message)]
    if any(failure.error == "MemoryError" for failure in run.failures):
        return [reason(ReasonCode.OUT_OF_MEMORY)]
    return [reason(ReasonCode.SOLUTION_FAILS, _names(failed))] if failed else []


def _stub_passes(
    check: PythonCheck, sandbox: Sandbox, tests: set[str], *, solution_passes: bool
) -> list[Reason]:
    if not solution_passes:
        return []
    emptied = make_stub(check, sandbox)
    if emptied is None:
        return []
    passes = run_tests(check, emptied, sandbox, seed=SEEDS[0]).passes(tests)
    return [reason(ReasonCode.STUB_PASSES)] if passes else []


def _fault(
    check: PythonCheck,
    run: Run,
    against_tests: Sequence[Reason],
    against_solution: Sequence[Reason],
) -> Fault:
    tests_file = f"{check.tests_module}.py"
    breaks_in_tests = bool(run.failures) and all(
        failure.error in TESTS_OWN_ERRORS and failure.place == tests_file
        for failure in run.failures
    )
    if against_tests or breaks_in_tests:
        return Fault.TESTS
    return Fault.SOLUTION if against_solution else Fault.NONE


def _results(run: Run) -> tuple[Status, bool, dict[str, bool]]:
    return run.status, run.is_whole, {test: test in run.passed for test in run.ran}


def _unsteady(runs: Sequence[Run]) -> str:
    always = set.intersection(*(run.passed for run in runs))
    return _names(sorted(set.union(*(run.passed for run in runs)) - always))


def _names(tests: Sequence[str]) -> str:
    more = len(tests) - FAILURES_SHOWN
    return ", ".join(tests[:FAILURES_SHOWN]) + (f" and {more} more" if more > 0 else "")
