"""The words in which a check is asked for and its evidence is given back."""

from enum import StrEnum
from keyword import iskeyword
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
)

from coursewright.domain.errors import EventInvalid

Source = Annotated[str, Field(max_length=200_000)]
Cell = bool | int | float | str | None


def _whole(code: object) -> object:
    return code.encode("utf-8", "replace").decode() if isinstance(code, str) else code


# Code that is too long is told so, like all else that is wrong with it: only what could not even
# be sent is refused here. Halves of characters cannot be sent on.
Code = Annotated[str, BeforeValidator(_whole), Field(max_length=6_000_000)]


class Frozen(BaseModel):
    """What both sides of the contract have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PythonCheck(Frozen):
    """A Python draft: what the student gets, what solves it, what tests it."""

    kind: Literal["python"]
    file_name: str = Field(default="solution.py", pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,60}\.py$")
    starter: Code
    solution: Code
    tests: Code
    # Another solution to compare with: then the tests themselves are not weighed.
    reference: Code = ""

    @field_validator("file_name")
    @classmethod
    def _can_be_imported(cls, file_name: str) -> str:
        if iskeyword(file_name.removesuffix(".py")):
            raise ValueError("a test cannot import a module whose name is a Python keyword")
        return file_name

    @property
    def module(self) -> str:
        """Name the module that the tests import."""
        return self.file_name.removesuffix(".py")

    @property
    def tests_module(self) -> str:
        """Name the module that holds the tests."""
        return f"test_{self.module}"


class Dataset(Frozen):
    """Rows to fill the tables with, and what the query must make of them."""

    name: str
    seed_sql: Source
    expected_columns: list[str] = Field(max_length=100)
    expected_rows: list[list[Cell]] = Field(max_length=1_000)


class SqlCheck(Frozen):
    """An SQL draft: tables, queries, and the datasets that tell right from wrong."""

    kind: Literal["sql"]
    schema_sql: Source
    starter: Source
    solution: Source
    ordered: bool = False
    datasets: list[Dataset] = Field(max_length=20)
    text: Source = ""
    lesson: Source = ""
    reference: Source = ""


CheckRequest = PythonCheck | SqlCheck
REQUEST: TypeAdapter[CheckRequest] = TypeAdapter(
    Annotated[PythonCheck | SqlCheck, Field(discriminator="kind")]
)


class Verdict(StrEnum):
    """What the evidence amounts to."""

    VERIFIED = "verified"
    REJECTED = "rejected"


class Fault(StrEnum):
    """The side that a repair should go to first."""

    TESTS = "tests"
    SOLUTION = "solution"
    STARTER = "starter"
    NONE = "none"


class ReasonCode(StrEnum):
    """Why a draft is not verified."""

    SOLUTION_FAILS = "solution_fails"
    SOLUTION_DOES_NOT_LOAD = "solution_does_not_load"
    SOLUTION_IS_NOT_PYTHON = "solution_is_not_python"
    TESTS_DO_NOT_LOAD = "tests_do_not_load"
    TESTS_ARE_NOT_PYTHON = "tests_are_not_python"
    NAME_MISSING = "name_missing"
    SANDBOX_LACKS = "sandbox_lacks"
    CODE_TOO_LONG = "code_too_long"
    NO_TESTS = "no_tests"
    ALL_TESTS_SKIPPED = "all_tests_skipped"
    TESTS_MISSING = "tests_missing"
    TESTS_UNEXPECTED = "tests_unexpected"
    TESTS_ASSERT_NOTHING = "tests_assert_nothing"
    TESTS_TOO_WEAK = "tests_too_weak"
    STARTER_PASSES = "starter_passes"
    STUB_PASSES = "stub_passes"
    NOT_REPEATABLE = "not_repeatable"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    ENDED_EARLY = "ended_early"
    TESTS_TAMPERED_WITH = "tests_tampered_with"
    RESULTS_FORGED = "results_forged"
    TESTS_DEPEND_ON_EACH_OTHER = "tests_depend_on_each_other"
    TESTS_CANNOT_BE_TURNED = "tests_cannot_be_turned"
    SCHEMA_DOES_NOT_LOAD = "schema_does_not_load"
    DATASET_DOES_NOT_LOAD = "dataset_does_not_load"
    TOO_FEW_DATASETS = "too_few_datasets"
    SQL_NOT_ALLOWED = "sql_not_allowed"
    WRONG_COLUMNS = "wrong_columns"
    WRONG_ROWS = "wrong_rows"
    NO_EDGE_ROWS = "no_edge_rows"
    ORDER_MISSING = "order_missing"
    OTHER_DIALECT = "other_dialect"
    NO_QUERY = "no_query"
    READS_NO_TABLE = "reads_no_table"
    ANSWER_WRITTEN_IN = "answer_written_in"
    PROMISES_UNCHECKED = "promises_unchecked"


SENTENCES = {
    ReasonCode.SOLUTION_FAILS: "The solution does not pass its own tests.",
    ReasonCode.SOLUTION_DOES_NOT_LOAD: "The solution cannot be run at all.",
    ReasonCode.SOLUTION_IS_NOT_PYTHON: "The solution is not valid Python.",
    ReasonCode.TESTS_DO_NOT_LOAD: "The tests cannot be run at all.",
    ReasonCode.TESTS_ARE_NOT_PYTHON: "The tests are not valid Python.",
    ReasonCode.NAME_MISSING: "The tests ask for a name that the solution does not have.",
    ReasonCode.SANDBOX_LACKS: (
        "The code uses something that it cannot have here: only the standard library is there, "
        "without threads, processes, network, asyncio.run and time zones."
    ),
    ReasonCode.CODE_TOO_LONG: "The code is too long for an assignment.",
    ReasonCode.NO_TESTS: "The test file holds no tests.",
    ReasonCode.ALL_TESTS_SKIPPED: "Every test is skipped, so nothing is checked.",
    ReasonCode.TESTS_MISSING: "Some tests that stand in the file did not run.",
    ReasonCode.TESTS_UNEXPECTED: "Tests ran that do not stand in the file.",
    ReasonCode.TESTS_ASSERT_NOTHING: "These tests check nothing: turned around, they still pass.",
    ReasonCode.TESTS_TOO_WEAK: "The tests accept too many wrong variants of the solution.",
    ReasonCode.STARTER_PASSES: "The starter code passes already: there is nothing left to do.",
    ReasonCode.STUB_PASSES: "Code that does nothing passes: the tests check nothing.",
    ReasonCode.NOT_REPEATABLE: "A second run gives another result: something depends on chance.",
    ReasonCode.TIMED_OUT: "The code did not finish in time.",
    ReasonCode.OUT_OF_MEMORY: "The code needs more memory than it may have.",
    ReasonCode.ENDED_EARLY: "The code stopped the run before the tests were done.",
    ReasonCode.TESTS_TAMPERED_WITH: "The code changes the test framework that judges it.",
    ReasonCode.RESULTS_FORGED: (
        "The results do not come from the tests: they pass with wrong values in them too."
    ),
    ReasonCode.TESTS_DEPEND_ON_EACH_OTHER: "These tests fail when another test fails.",
    ReasonCode.TESTS_CANNOT_BE_TURNED: "It cannot be proved that the tests check anything.",
    ReasonCode.SCHEMA_DOES_NOT_LOAD: "The tables cannot be created.",
    ReasonCode.DATASET_DOES_NOT_LOAD: "A dataset cannot be put into the tables.",
    ReasonCode.TOO_FEW_DATASETS: "A query needs at least two different datasets to prove itself.",
    ReasonCode.SQL_NOT_ALLOWED: "The query uses SQL that is not allowed here.",
    ReasonCode.WRONG_COLUMNS: "The solution returns other columns than the task asks for.",
    ReasonCode.WRONG_ROWS: "The solution returns other rows than the dataset expects.",
    ReasonCode.NO_EDGE_ROWS: (
        "No dataset holds edge rows: a NULL, a tie, an empty table or no result at all."
    ),
    ReasonCode.ORDER_MISSING: "The task asks for an order, but the solution has no ORDER BY.",
    ReasonCode.OTHER_DIALECT: "The SQL is written for another database than SQLite.",
    ReasonCode.NO_QUERY: "The solution holds no query.",
    ReasonCode.READS_NO_TABLE: "The solution reads no table: its answer is written into it.",
    ReasonCode.ANSWER_WRITTEN_IN: "The solution holds the expected rows and does not ask for them.",
    ReasonCode.PROMISES_UNCHECKED: "More than a third of the promises is not checked.",
}


class Reason(Frozen):
    """One reason against a draft, for programs and for teachers."""

    code: ReasonCode
    message: str


class Failure(Frozen):
    """One test that did not pass, with the values that show why."""

    test: str
    message: str = Field(max_length=600)


class Mutants(Frozen):
    """How many wrong variants of the solution the tests tell from the right one."""

    total: int = 0
    killed: int = 0
    survivors: list[str] = []
    # Variants that gave the same on every value that was tried: they may mean the same.
    unproven: list[str] = []


class Evidence(Frozen):
    """All that a check has found out about a draft."""

    verdict: Verdict
    reasons: list[Reason] = []
    solution_passes: bool = False
    starter_fails: bool = False
    tests_run: int = 0
    mutants: Mutants = Mutants()
    repeatable: bool = False
    duration_ms: int = 0
    failures: list[Failure] = []
    notes: list[str] = []
    # Inputs to which the reference gives another answer, the smallest first.
    differences: list[str] = []
    fault: Fault = Fault.NONE


def reason(code: ReasonCode, detail: str = "") -> Reason:
    """Say a reason in a teacher's words, with the detail that makes it checkable."""
    sentence = SENTENCES[code]
    return Reason(code=code, message=f"{sentence} {detail[:600]}".strip())


def parse_request(payload: object) -> CheckRequest:
    """Read what is to be checked.

    Raises:
        EventInvalid: naming the first field that is missing or wrong.
    """
    try:
        return REQUEST.validate_python(payload)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(map(str, problem["loc"])) or "kind"
        raise EventInvalid(field, problem["msg"]) from error
