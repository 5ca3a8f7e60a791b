"""Explains failures, which the first run cannot do because it hides the tests' source."""

from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.results import (
    ErrorDetails,
    TestOutcome,
    TestReport,
    TestRunResult,
    run_tests,
)
from coursewright.verification.sandbox.worker_pool import Sandbox


def explain_failures(check: PythonCheck, run: TestRunResult, sandbox: Sandbox) -> TestRunResult:
    """Return a failed run with the failing lines and their values added to its messages.

    The outcomes are unchanged.
    """
    report = run.report
    if report is None or not (run.failures or report.load_error or report.stopped):
        return run
    explained = run_tests(check, check.solution, sandbox, is_explained=True).report
    if explained is None:
        return run
    pairs = zip(report.outcomes, explained.outcomes, strict=False)
    outcomes = [new if _is_same(old, new) else old for old, new in pairs]
    outcomes += report.outcomes[len(outcomes) :]
    return run.model_copy(
        update={"report": report.model_copy(update={"outcomes": outcomes, **_errors(explained)})}
    )


def _errors(explained: TestReport) -> dict[str, ErrorDetails]:
    errors = {"load_error": explained.load_error, "stopped": explained.stopped}
    return {name: error for name, error in errors.items() if error is not None}


def _is_same(old: TestOutcome, new: TestOutcome) -> bool:
    return (old.test, old.outcome, old.error) == (new.test, new.outcome, new.error)
