"""Parses a worker's untrusted replies into the result of a test run."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coursewright.verification.check_request import PythonCheck
from coursewright.verification.sandbox.worker_pool import Sandbox, Status

# The first seed is for first runs. The others are for runs that code under test must not be able
# to tell apart: repeats, and runs with mutated expected values.
SEEDS = (11, 23, 47)
TOO_COMPLICATED = "too complicated"  # the error for tests that the sandbox could not parse


class UntrustedRecord(BaseModel):
    """A reply from the sandbox; parsing is strict and rejects anything unexpected."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


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


class TestReport(UntrustedRecord):
    """The guest's report on one run of the tests."""

    nonce: str
    load_error: LoadError | None
    stopped: ErrorDetails | None
    outcomes: list[TestOutcome]
    tampered: bool


class TestList(UntrustedRecord):
    """The tests that a source declares."""

    nonce: str
    tests: list[str] = []
    hidden: list[str] = []
    skipped: list[str] = []
    error: str = ""


class Stub(UntrustedRecord):
    """A solution with all its names but with empty functions."""

    nonce: str
    stub: str = ""
    error: str = ""


class ReorderedSources(UntrustedRecord):
    """Sources rewritten so that their sets iterate in a different order."""

    nonce: str
    sources: list[str]


class TestRunResult(BaseModel):
    """One test run: how its job ended and, if it finished, the guest's report."""

    model_config = ConfigDict(frozen=True)

    status: Status
    report: TestReport | None = None

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
    seed: int,
    timeout_seconds: float | None = None,
) -> TestRunResult:
    """Run a draft's tests against a version of the code in a fresh interpreter."""
    reply, nonce = sandbox.run(
        "run_tests",
        {
            "modules": {check.module: code, check.tests_module: check.tests},
            "tests_module": check.tests_module,
            "seed": seed,
        },
        timeout_seconds=timeout_seconds,
    )
    if reply.status is not Status.FINISHED:
        return TestRunResult(status=reply.status)
    try:
        report = TestReport.model_validate_json(reply.raw)
    except ValidationError:
        return TestRunResult(status=Status.ENDED_EARLY)
    if report.nonce != nonce:
        return TestRunResult(status=Status.ENDED_EARLY)
    return TestRunResult(status=reply.status, report=report)


def list_tests(check: PythonCheck, sandbox: Sandbox) -> TestList:
    """Return the tests that a draft's source declares, without running it."""
    job = {"question": "tests", "source": check.tests, "module": check.tests_module}
    reply, nonce = sandbox.run("read", job)
    try:
        return TestList.model_validate_json(reply.raw)
    except ValidationError:
        return TestList(nonce=nonce, error=TOO_COMPLICATED)


def reorder_sets(sources: list[str], sandbox: Sandbox) -> list[str]:
    """Return sources whose sets iterate in the order of a different hash seed."""
    reply, _ = sandbox.run("reorder", {"sources": sources})
    try:
        reordered = ReorderedSources.model_validate_json(reply.raw).sources
    except ValidationError:
        return sources
    return reordered if len(reordered) == len(sources) else sources


def with_reordered_sets(check: PythonCheck, sandbox: Sandbox) -> PythonCheck:
    """Return the draft for its repeat runs, in which sets iterate in a different order."""
    solution, tests = reorder_sets([check.solution, check.tests], sandbox)
    return check.model_copy(update={"solution": solution, "tests": tests})


def make_stub(check: PythonCheck, sandbox: Sandbox) -> str | None:
    """Return the solution with empty functions, or None if it cannot be parsed."""
    reply, _ = sandbox.run("read", {"question": "stub", "source": check.solution})
    try:
        result = Stub.model_validate_json(reply.raw)
    except ValidationError:
        return None
    return None if result.error else result.stub
