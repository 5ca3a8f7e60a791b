"""Turns a worker's untrusted answers into facts about one run of the tests."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coursewright.verification.check_request import PythonCheck
from coursewright.verification.sandbox.worker_pool import Sandbox, Status

# The first run's seed, and those of the runs that look alike from within: repeats and exams.
SEEDS = (11, 23, 47)


class Facts(BaseModel):
    """What the sandbox says; anything that does not fit is not believed."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Explained(Facts):
    """An error in the words of the code that raised it."""

    error: str = Field(max_length=200)
    place: str = Field(max_length=200)
    message: str = Field(max_length=600)


class LoadError(Explained):
    """Why a module could not be imported."""

    module: str


class Outcome(Explained):
    """What came of one test, or of a fixture that failed."""

    test: str = Field(max_length=500)
    outcome: Literal["passed", "failed", "skipped"]


class TestRun(Facts):
    """One run of the tests against one version of the code."""

    nonce: str
    load_error: LoadError | None
    stopped: Explained | None
    outcomes: list[Outcome]
    tampered: bool


class TestList(Facts):
    """The tests that stand in a source."""

    nonce: str
    tests: list[str] = []
    hidden: list[str] = []
    skipped: list[str] = []
    error: str = ""


class Stub(Facts):
    """A solution without its work."""

    nonce: str
    stub: str = ""
    error: str = ""


class Reordered(Facts):
    """A solution and its tests, with their sets in another order."""

    nonce: str
    sources: list[str]


class Run(BaseModel):
    """One run as the checks see it: how it ended and, if it did, what came of the tests."""

    model_config = ConfigDict(frozen=True)

    status: Status
    facts: TestRun | None = None

    @property
    def failures(self) -> list[Outcome]:
        """List what did not pass."""
        return [o for o in self.facts.outcomes if o.outcome == "failed"] if self.facts else []

    @property
    def ran(self) -> set[str]:
        """Name the tests that ran to a result."""
        outcomes = self.facts.outcomes if self.facts else []
        return {o.test for o in outcomes if o.outcome != "skipped"}

    @property
    def skipped(self) -> set[str]:
        """Name the tests that were skipped, in part or as a whole."""
        outcomes = self.facts.outcomes if self.facts else []
        return {o.test for o in outcomes if o.outcome == "skipped"}

    @property
    def passed(self) -> set[str]:
        """Name the tests that passed every time they ran."""
        return self.ran - {failure.test for failure in self.failures}

    @property
    def is_whole(self) -> bool:
        """Whether the tests ran from the first to the last without interference."""
        facts = self.facts
        return facts is not None and not (facts.load_error or facts.stopped or facts.tampered)

    def passes(self, tests: set[str]) -> bool:
        """Return whether these tests, and nothing but these, ran and passed."""
        return self.is_whole and bool(tests) and self.passed == tests == self.ran


def run_tests(
    check: PythonCheck,
    code: str,
    sandbox: Sandbox,
    *,
    seed: int,
    patience_seconds: float | None = None,
) -> Run:
    """Run a draft's tests against a version of the code in a fresh interpreter."""
    answer, nonce = sandbox.run(
        "run",
        {
            "modules": {check.module: code, check.tests_module: check.tests},
            "tests_module": check.tests_module,
            "seed": seed,
        },
        patience_seconds=patience_seconds,
    )
    if answer.status is not Status.FINISHED:
        return Run(status=answer.status)
    try:
        facts = TestRun.model_validate_json(answer.raw)
    except ValidationError:
        return Run(status=Status.ENDED_EARLY)
    is_ours = facts.nonce == nonce
    return Run(status=answer.status, facts=facts) if is_ours else Run(status=Status.ENDED_EARLY)


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


def with_sets_in_another_order(check: PythonCheck, sandbox: Sandbox) -> PythonCheck:
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
