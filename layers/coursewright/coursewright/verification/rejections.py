"""What evidence amounts to, and why a draft is not verified, in a teacher's words."""

from enum import StrEnum

from coursewright.domain.base import Record


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
    REQUIREMENTS_UNCHECKED = "requirements_unchecked"


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
    ReasonCode.REQUIREMENTS_UNCHECKED: "More than a third of the requirements is not checked.",
}


class Reason(Record):
    """One reason against a draft, for programs and for teachers."""

    code: ReasonCode
    message: str


def reason(code: ReasonCode, detail: str = "") -> Reason:
    """Say a reason in a teacher's words, with the detail that makes it checkable."""
    sentence = SENTENCES[code]
    return Reason(code=code, message=f"{sentence} {detail[:600]}".strip())
