"""Parses a worker's untrusted replies into the result of a test run."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.conditions import FIRST, Conditions
from coursewright.verification.sandbox.answer import Reply, Status, UntrustedRecord
from coursewright.verification.sandbox.worker_pool import Sandbox

# A repeat may take longer than the first run, because its sets are rebuilt.
MAX_REPEAT_SLOWDOWN = 3
TOO_COMPLICATED = "too complicated"  # the error for tests that the sandbox could not parse


class ErrorDetails(UntrustedRecord):
    """An error: its type, the file of its last frame, and a message with local values."""

    error: str = Field(max_length=200)
    file_name: str = Field(max_length=200)
    message: str = Field(max_length=600)


class LoadError(ErrorDetails):
    """The error that prevented a module from being imported."""

    module: str


class TestOutcome(ErrorDetails):
    """The outcome of one test, or of a fixture that failed."""

    test: str = Field(max_length=500)
    outcome: Literal["passed", "failed", "skipped"]


class TestReport(Reply):
    """The guest's report on one run of the tests."""

    load_error: LoadError | None
    stopped: ErrorDetails | None
    outcomes: list[TestOutcome]
    tampered: bool


class TestList(Reply):
    """The tests that a source declares, and the number of cases that they check."""

    tests: tuple[str, ...] = ()
    cases: int = 0
    hidden: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    # The source in normal form, in which mutated tests are written too.
    normalised: str = ""
    error: str = ""


class Stub(Reply):
    """A solution with all its names but with empty functions."""

    stub: str | None = None
    error: str = ""


class TestRunResult(BaseModel):
    """One test run: how its job ended, its fuel and, if it finished, the guest's report."""

    model_config = ConfigDict(frozen=True)

    status: Status
    report: TestReport | None = None
    fuel: int = 0

    @property
    def failures(self) -> list[TestOutcome]:
        """The outcomes that did not pass; a test may have several."""
        return [o for o in self.report.outcomes if o.outcome == "failed"] if self.report else []

    @property
    def ran(self) -> set[str]:
        """The tests that ran to a result."""
        outcomes = self.report.outcomes if self.report else []
        return {o.test for o in outcomes if o.outcome != "skipped"}

    @property
    def skipped(self) -> set[str]:
        """The tests that were skipped, partly or entirely."""
        outcomes = self.report.outcomes if self.report else []
        return {o.test for o in outcomes if o.outcome == "skipped"}

    @property
    def passed(self) -> set[str]:
        """The tests that passed every time they ran."""
        return self.ran - {failure.test for failure in self.failures}

    @property
    def is_complete(self) -> bool:
        """Whether all tests ran, from first to last, without interference."""
        report = self.report
        return report is not None and not (report.load_error or report.stopped or report.tampered)

    def passes(self, tests: set[str]) -> bool:
        """Whether exactly these tests ran, and all of them passed."""
        return self.is_complete and bool(tests) and self.passed == tests == self.ran


def run_tests(
    check: PythonCheck,
    code: str,
    sandbox: Sandbox,
    *,
    conditions: Conditions = FIRST,
    max_fuel: int | None = None,
    is_explained: bool = False,
) -> TestRunResult:
    """Run a draft's tests against a version of the code in a fresh interpreter.

    If failures are to be explained, code under test can read the tests' source.
    """
    job = {
        "modules": {check.module: code, check.tests_module: check.tests},
        "tests_module": check.tests_module,
        "conditions": conditions.model_dump(),
        "is_explained": is_explained,
    }
    answer = sandbox.ask("run_tests", job, TestReport, max_fuel=max_fuel)
    return TestRunResult(status=answer.status, report=answer.value, fuel=answer.fuel)


def list_tests(check: PythonCheck, sandbox: Sandbox) -> TestList:
    """Return the tests that a draft's source declares, without running it."""
    job = {"question": "tests", "source": check.tests, "module": check.tests_module}
    answer = sandbox.ask("read", job, TestList)
    return answer.value or TestList(nonce="", error=TOO_COMPLICATED)


def make_stub(check: PythonCheck, sandbox: Sandbox) -> str | None:
    """Return the solution with empty functions, or None if it cannot be parsed."""
    answer = sandbox.ask("read", {"question": "stub", "source": check.solution}, Stub)
    return answer.value.stub if answer.value else None


def repeat_fuel(fuel: int, sandbox: Sandbox) -> int:
    """Return the fuel that a repeat of a run may use."""
    return max(sandbox.limits.max_fuel, MAX_REPEAT_SLOWDOWN * fuel)
