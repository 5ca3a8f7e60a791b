"""Turns a worker's untrusted answers into report about one run of the tests."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coursewright.verification.check_request import PythonCheck
from coursewright.verification.sandbox.worker_pool import Sandbox, Status

# The first run's seed, and those of the runs that look alike from within: repeats and exams.
SEEDS = (11, 23, 47)


class UntrustedRecord(BaseModel):
    """What the sandbox says; anything that does not fit is not believed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ErrorDetails(UntrustedRecord):
    """An error in the words of the code that raised it."""

    error: str = Field(max_length=200)
    file_name: str = Field(max_length=200)
    message: str = Field(max_length=600)


class LoadError(ErrorDetails):
    """Why a module could not be imported."""

    module: str


class TestOutcome(ErrorDetails):
    """What came of one test, or of a fixture that failed."""

    test: str = Field(max_length=500)
    outcome: Literal["passed", "failed", "skipped"]


class TestReport(UntrustedRecord):
    """One run of the tests against one version of the code."""

    nonce: str
    load_error: LoadError | None
    stopped: ErrorDetails | None
    outcomes: list[TestOutcome]
    tampered: bool


class TestList(UntrustedRecord):
    """The tests that stand in a source."""

    nonce: str
    tests: list[str] = []
    hidden: list[str] = []
    skipped: list[str] = []
    error: str = ""


class Stub(UntrustedRecord):
    """A solution without its work."""

    nonce: str
    stub: str = ""
    error: str = ""


class Reordered(UntrustedRecord):
    """A solution and its tests, with their sets in another order."""

    nonce: str
    sources: list[str]


class TestRunResult(BaseModel):
    """One run as the checks see it: how it ended and, if it did, what came of the tests."""

    model_config = ConfigDict(frozen=True)

    status: Status
    report: TestReport | None = None

    @property
    def failures(self) -> list[TestOutcome]:
        """List what did not pass."""
        return [o for o in self.report.outcomes if o.outcome == "failed"] if self.report else []

    @property
    def ran(self) -> set[str]:
        """Name the tests that ran to a result."""
        outcomes = self.report.outcomes if self.report else []
        return {o.test for o in outcomes if o.outcome != "skipped"}

    @property
    def skipped(self) -> set[str]:
        """Name the tests that were skipped, in part or as a whole."""
        outcomes = self.report.outcomes if self.report else []
        return {o.test for o in outcomes if o.outcome == "skipped"}

    @property
    def passed(self) -> set[str]:
        """Name the tests that passed every time they ran."""
        return self.ran - {failure.test for failure in self.failures}

    @property
    def is_complete(self) -> bool:
        """Whether the tests ran from the first to the last without interference."""
        report = self.report
        return report is not None and not (report.load_error or report.stopped or report.tampered)

    def passes(self, tests: set[str]) -> bool:
        """Return whether these tests, and nothing but these, ran and passed."""
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
    answer, nonce = sandbox.run(
        "run",
        {
            "modules": {check.module: code, check.tests_module: check.tests},
            "tests_module": check.tests_module,
            "seed": seed,
        },
        timeout_seconds=timeout_seconds,
    )
    if answer.status is not Status.FINISHED:
        return TestRunResult(status=answer.status)
    try:
        report = TestReport.model_validate_json(answer.raw)
    except ValidationError:
        return TestRunResult(status=Status.ENDED_EARLY)
    is_ours = report.nonce == nonce
    return (
        TestRunResult(status=answer.status, report=report)
        if is_ours
        else TestRunResult(status=Status.ENDED_EARLY)
    )


def list_tests(check: PythonCheck, sandbox: Sandbox) -> TestList:
    """Read which tests a draft's source declares, without running it."""
    question = {"question": "tests", "source": check.tests, "module": check.tests_module}
    answer, nonce = sandbox.run("read", question)
    try:
        return TestList.model_validate_json(answer.raw)
    except ValidationError:
        return TestList(nonce=nonce, error="The source is too complicated to read.")


def reorder_sets(sources: list[str], sandbox: Sandbox) -> list[str]:
    """Rewrite sources so that a run sees their sets as another hash seed would show them."""
    answer, _ = sandbox.run("reorder", {"sources": sources})
    try:
        reordered = Reordered.model_validate_json(answer.raw).sources
    except ValidationError:
        return sources
    return reordered if len(reordered) == len(sources) else sources


def with_reordered_sets(check: PythonCheck, sandbox: Sandbox) -> PythonCheck:
    """Rewrite a draft for its second run."""
    solution, tests = reorder_sets([check.solution, check.tests], sandbox)
    return check.model_copy(update={"solution": solution, "tests": tests})


def make_stub(check: PythonCheck, sandbox: Sandbox) -> str | None:
    """Take the work out of a solution, if it can be read."""
    answer, _ = sandbox.run("read", {"question": "stub", "source": check.solution})
    try:
        made = Stub.model_validate_json(answer.raw)
    except ValidationError:
        return None
    return None if made.error else made.stub
