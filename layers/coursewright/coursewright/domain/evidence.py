"""The evidence about a draft: codes and measurements, turned into prose only for display."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from coursewright.domain.base import Record
from coursewright.domain.requirement import RequirementCoverage

MAX_MESSAGE_CHARS = 600

# Increment this whenever the same draft may get a different verdict, reason or doubt.
VERIFIER_VERSION = 4

Param = str | int | tuple[str, ...]


class Verdict(StrEnum):
    """Whether a draft passed verification."""

    VERIFIED = "verified"
    REJECTED = "rejected"


class RepairTarget(StrEnum):
    """The part of a draft that an agent should rewrite."""

    TESTS = "tests"
    SOLUTION = "solution"
    NONE = "none"


class FindingCode(StrEnum):
    """A reason for rejecting or doubting a draft."""

    SOLUTION_FAILS = "solution_fails"
    SOLUTION_DOES_NOT_LOAD = "solution_does_not_load"
    SOLUTION_IS_NOT_PYTHON = "solution_is_not_python"
    TESTS_DO_NOT_LOAD = "tests_do_not_load"
    TESTS_ARE_NOT_PYTHON = "tests_are_not_python"
    TESTS_TOO_COMPLICATED = "tests_too_complicated"
    NAME_MISSING = "name_missing"
    SANDBOX_LACKS = "sandbox_lacks"
    CODE_TOO_LONG = "code_too_long"
    INPUT_INVALID = "input_invalid"
    NO_TESTS = "no_tests"
    ALL_TESTS_SKIPPED = "all_tests_skipped"
    TESTS_MISSING = "tests_missing"
    TESTS_HIDDEN = "tests_hidden"
    TESTS_UNEXPECTED = "tests_unexpected"
    TESTS_ASSERT_NOTHING = "tests_assert_nothing"
    TESTS_TOO_WEAK = "tests_too_weak"
    STARTER_PASSES = "starter_passes"
    STUB_PASSES = "stub_passes"
    NOT_REPEATABLE = "not_repeatable"
    ARGUMENT_CHANGED = "argument_changed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    ENDED_EARLY = "ended_early"
    TESTS_TAMPERED_WITH = "tests_tampered_with"
    RESULTS_FORGED = "results_forged"
    TESTS_DEPEND_ON_EACH_OTHER = "tests_depend_on_each_other"
    TESTS_CANNOT_BE_NEGATED = "tests_cannot_be_negated"
    SCHEMA_DOES_NOT_LOAD = "schema_does_not_load"
    DATASET_DOES_NOT_LOAD = "dataset_does_not_load"
    TOO_FEW_DATASETS = "too_few_datasets"
    SQL_NOT_ALLOWED = "sql_not_allowed"
    WRONG_COLUMNS = "wrong_columns"
    WRONG_ROWS = "wrong_rows"
    NO_EDGE_ROWS = "no_edge_rows"
    ORDER_MISSING = "order_missing"
    ORDER_NOT_COMPARED = "order_not_compared"
    OTHER_DIALECT = "other_dialect"
    NO_QUERY = "no_query"
    READS_NO_TABLE = "reads_no_table"
    ANSWER_WRITTEN_IN = "answer_written_in"
    REQUIREMENTS_UNCHECKED = "requirements_unchecked"
    NO_REQUIREMENTS = "no_requirements"
    REQUIREMENTS_NOT_FOUND = "requirements_not_found"
    SENTENCES_UNTESTED = "sentences_untested"
    EXAMPLE_CONTRADICTS = "example_contradicts"
    EXAMPLE_TABLE_CONTRADICTS = "example_table_contradicts"
    ASSERT_TRUE_TWO_ARGUMENTS = "assert_true_two_arguments"
    ERROR_TYPE_TOO_BROAD = "error_type_too_broad"
    ASSERTIONS_NEVER_RUN = "assertions_never_run"
    FLOAT_EQUALITY = "float_equality"
    TRAILING_BLANKS = "trailing_blanks"
    MESSAGE_NOT_IN_TEXT = "message_not_in_text"
    HARD_CODED_SOLUTION = "hard_coded_solution"
    WRONG_LANGUAGE = "wrong_language"
    LANGUAGE_UNCERTAIN = "language_uncertain"
    TEXT_USES_OTHER_DIALECT = "text_uses_other_dialect"
    LESSON_USES_OTHER_DIALECT = "lesson_uses_other_dialect"
    BARE_COLUMN = "bare_column"
    LIKE_IGNORES_CASE = "like_ignores_case"
    INTEGER_DIVISION = "integer_division"
    NULL_ORDER = "null_order"
    COLUMNS_NOT_NAMED = "columns_not_named"
    DOUBLE_QUOTED_TEXT = "double_quoted_text"
    AMBIGUOUS = "ambiguous"
    NEAR_DUPLICATE = "near_duplicate"
    COULD_NOT_BE_CHECKED = "could_not_be_checked"
    NOT_FINISHED = "not_finished"
    NO_MUTANTS = "no_mutants"
    FEW_CASES = "few_cases"


class Cause(StrEnum):
    """The exact cause of a finding that has several possible causes (its parameter `cause`)."""

    TESTING_SOLUTION = "testing_solution"
    CURRENT_TIME = "current_time"
    DATABASE_STOPPED = "database_stopped"
    NO_ASSERTIONS = "no_assertions"
    NEGATED_TESTS_STOPPED = "negated_tests_stopped"
    NEGATED_TIMED_OUT = "negated_timed_out"
    NEGATED_OUT_OF_MEMORY = "negated_out_of_memory"
    NEGATED_ENDED_EARLY = "negated_ended_early"
    NOTHING_TO_MUTATE = "nothing_to_mutate"
    ALL_EQUIVALENT = "all_equivalent"
    STUB_NOT_MADE = "stub_not_made"
    SETS_NOT_REORDERED = "sets_not_reordered"
    ASSERTIONS_LEFT = "assertions_left"
    MUTANTS_LEFT = "mutants_left"
    INPUTS_LEFT = "inputs_left"
    NOT_COMPARED = "not_compared"
    ROW_ORDER = "row_order"
    ORDER_TIE = "order_tie"
    LIMIT_WITHOUT_ORDER = "limit_without_order"
    LIMIT_ON_TIE = "limit_on_tie"
    ARBITRARY_COLUMN = "bare_column"
    CONCATENATION_ORDER = "concatenation_order"
    WINDOW_ON_TIE = "window_on_tie"
    ORDERS_LEFT = "orders_left"
    QUERY_NOT_READ = "query_not_read"
    EXAMPLES_NOT_RUN = "examples_not_run"
    TESTS_NOT_REVIEWED = "tests_not_reviewed"
    ARGUMENTS_LEFT = "arguments_left"
    TESTS_NOT_ALONE = "tests_not_alone"
    OTHER_CHANCE = "other_chance"
    OTHER_DAY = "other_day"
    OTHER_TIME_ZONE = "other_time_zone"
    SET_ORDER = "set_order"
    HASH_VALUE = "hash_value"
    ORDER_OF_TESTS = "order_of_tests"
    TEST_ALONE = "test_alone"
    ANOTHER_TEST_FAILS = "another_test_fails"


class Finding(Record):
    """A reason to reject a draft, or a doubt about it.

    Reasons always block publication. A blocking doubt does so until a reviewer confirms it; any
    other doubt is a remark. `where` names tests, datasets or lines. Among the parameters, `error`
    is the verbatim output of a program, `more` counts the names omitted from `where`, and `cause`
    is a `Cause`.
    """

    code: FindingCode
    params: Mapping[str, Param] = Field(default_factory=dict)
    where: tuple[str, ...] = ()
    blocking: bool = True


class FailureCode(StrEnum):
    """How a solution fails a test or dataset."""

    REPORTED = "reported"  # by a program, in its own words: the failure's message
    WRONG_COLUMNS = "wrong_columns"
    WRONG_ROWS = "wrong_rows"


class Failure(Record):
    """A test or dataset that the solution fails, with the values that explain why."""

    test: str
    message: str = Field(default="", max_length=MAX_MESSAGE_CHARS)
    code: FailureCode = FailureCode.REPORTED
    params: Mapping[str, Param] = Field(default_factory=dict)


class Difference(Record):
    """An input on which a solution and the draft's own give different results, all as text."""

    input: str
    result: str
    own_result: str


class Mutants(Record):
    """How many faulty variants of the solution the tests distinguish from it."""

    total: int = 0
    killed: int = 0
    survivors: tuple[str, ...] = ()
    # Mutants that behaved like the solution on every value tried; they may be equivalent.
    unproven: tuple[str, ...] = ()


class Evidence(Record):
    """Everything that a check established about a draft: the output of `check_code`, as stored."""

    verdict: Verdict
    reasons: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()
    fault: RepairTarget = RepairTarget.NONE
    solution_passes: bool = False
    starter_fails: bool = False
    tests_run: int = 0
    mutants: Mutants = Mutants()
    repeatable: bool = False
    independent: bool = False  # tests and solution were written independently of each other
    requirements: RequirementCoverage | None = None
    failures: tuple[Failure, ...] = ()
    # If a reference was given: inputs on which its results differ, smallest first.
    differences: tuple[Difference, ...] = ()
    verifier_version: int = 0  # produced the verdict, the reasons and the doubts
    duration_ms: int = 0
