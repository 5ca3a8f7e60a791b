"""The sentence for each finding and cause, in the source language of the catalogues."""

from coursewright.domain.evidence import Cause, FindingCode
from coursewright.markup.i18n import N_

SENTENCES = {
    FindingCode.SOLUTION_FAILS: N_("The solution does not pass its own tests."),
    FindingCode.SOLUTION_DOES_NOT_LOAD: N_("The solution cannot be run."),
    FindingCode.SOLUTION_IS_NOT_PYTHON: N_("The solution is not valid Python."),
    FindingCode.TESTS_DO_NOT_LOAD: N_("The tests cannot be run."),
    FindingCode.TESTS_ARE_NOT_PYTHON: N_("The tests are not valid Python."),
    FindingCode.TESTS_TOO_COMPLICATED: N_("The tests are too complex to analyse."),
    FindingCode.NAME_MISSING: N_("The tests use a name that the solution does not define."),
    FindingCode.SANDBOX_LACKS: N_(
        "The code needs something that is not available here: it can use only the standard "
        "library, without threads, processes, network access, asyncio.run or time zones."
    ),
    FindingCode.CODE_TOO_LONG: N_("The code is too long for an assignment."),
    FindingCode.INPUT_INVALID: N_("This version cannot be checked."),
    FindingCode.NO_TESTS: N_("The test file contains no tests."),
    FindingCode.ALL_TESTS_SKIPPED: N_("Every test is skipped, so nothing is checked."),
    FindingCode.TESTS_MISSING: N_("Some tests in the file did not run."),
    FindingCode.TESTS_HIDDEN: N_("Some tests never run because a later test has the same name."),
    FindingCode.TESTS_UNEXPECTED: N_("Some of the tests that ran are not in the file."),
    FindingCode.TESTS_ASSERT_NOTHING: N_(
        "These tests check nothing: they still pass when their assertions are reversed."
    ),
    FindingCode.TESTS_TOO_WEAK: N_(
        "The tests accept too many wrong solutions: they notice %(killed)s of %(total)s planted "
        "mistakes."
    ),
    FindingCode.STARTER_PASSES: N_(
        "The starter code already passes the tests, so there is nothing left to do."
    ),
    FindingCode.STUB_PASSES: N_(
        "Even code that does nothing passes the tests, so they check nothing."
    ),
    FindingCode.NOT_REPEATABLE: N_(
        "A second run gave a different result, so the code or its tests are not deterministic."
    ),
    FindingCode.ARGUMENT_CHANGED: N_(
        "The text says that the argument must not change, but the solution changes it: after "
        "%(call)s, the arguments are %(left)s."
    ),
    FindingCode.TIMED_OUT: N_("The code did not finish in time."),
    FindingCode.OUT_OF_MEMORY: N_("The code needs more memory than allowed."),
    FindingCode.ENDED_EARLY: N_("The code exited before the tests had finished."),
    FindingCode.TESTS_TAMPERED_WITH: N_("The code modifies the test framework that checks it."),
    FindingCode.RESULTS_FORGED: N_(
        "The results do not come from the tests, which pass even when the expected values are "
        "wrong."
    ),
    FindingCode.TESTS_DEPEND_ON_EACH_OTHER: N_("These tests depend on other tests."),
    FindingCode.TESTS_CANNOT_BE_NEGATED: N_("There is no evidence that the tests check anything."),
    FindingCode.SCHEMA_DOES_NOT_LOAD: N_("The tables cannot be created."),
    FindingCode.DATASET_DOES_NOT_LOAD: N_("A dataset cannot be inserted into the tables."),
    FindingCode.TOO_FEW_DATASETS: N_("A query needs at least two different datasets."),
    FindingCode.SQL_NOT_ALLOWED: N_("The query uses SQL that is not allowed here."),
    FindingCode.WRONG_COLUMNS: N_("The solution does not return the columns the task asks for."),
    FindingCode.WRONG_ROWS: N_("The solution does not return the rows the dataset expects."),
    FindingCode.NO_EDGE_ROWS: N_(
        "No dataset contains an edge case: a NULL value, a tie, an empty table or an empty result."
    ),
    FindingCode.ORDER_MISSING: N_(
        "The task asks for the rows in a certain order, but the solution has no ORDER BY."
    ),
    FindingCode.ORDER_NOT_COMPARED: N_(
        "The text asks for the rows in a certain order, but the datasets accept any order."
    ),
    FindingCode.OTHER_DIALECT: N_(
        "The SQL is written for another database: %(construct)s is %(dialect)s syntax; in SQLite, "
        "use %(alternative)s."
    ),
    FindingCode.NO_QUERY: N_("The solution contains no query."),
    FindingCode.READS_NO_TABLE: N_(
        "The solution does not read any table, so its result is always the same."
    ),
    FindingCode.ANSWER_WRITTEN_IN: N_(
        "The solution hard-codes the expected rows instead of querying them."
    ),
    FindingCode.REQUIREMENTS_UNCHECKED: N_(
        "More than a third of the requirements or tests do not match the text."
    ),
    FindingCode.NO_REQUIREMENTS: N_(
        "The draft does not list the requirements that its tests check."
    ),
    FindingCode.REQUIREMENTS_NOT_FOUND: "",  # depends on a number: see `_sentence`
    FindingCode.SENTENCES_UNTESTED: N_(
        "These sentences of the text seem to state requirements, but no test refers to them."
    ),
    FindingCode.EXAMPLE_CONTRADICTS: N_(
        "An example in the text contradicts the solution: according to the text, %(call)s gives "
        "%(stated)s, but the solution gives %(actual)s."
    ),
    FindingCode.EXAMPLE_TABLE_CONTRADICTS: N_(
        "The example in the text contradicts the query: for the rows shown there, the text "
        "expects %(stated)s, but the query returns %(actual)s."
    ),
    FindingCode.ASSERT_TRUE_TWO_ARGUMENTS: N_(
        "These assertions compare nothing: assertTrue and assertFalse treat their second "
        "argument as a message."
    ),
    FindingCode.ERROR_TYPE_TOO_BROAD: N_(
        "The text names the error %(error_name)s, but these assertions accept any error."
    ),
    FindingCode.ASSERTIONS_NEVER_RUN: N_(
        "These functions contain assertions but never run: their names do not start with "
        "“test”, and no test calls them."
    ),
    FindingCode.FLOAT_EQUALITY: N_(
        "These assertions compare decimal numbers exactly instead of with assertAlmostEqual, so"
        " a correct solution that calculates in a different order fails."
    ),
    FindingCode.TRAILING_BLANKS: N_(
        "These assertions expect spaces at the end of a line, which the text does not mention."
    ),
    FindingCode.MESSAGE_NOT_IN_TEXT: N_(
        "These assertions expect an error message that the text does not state."
    ),
    FindingCode.HARD_CODED_SOLUTION: N_(
        "The solution only looks up the values that the tests use; for any other input, it "
        "gives %(result)s."
    ),
    FindingCode.WRONG_LANGUAGE: N_("The text is not in the requested language (%(language)s)."),
    FindingCode.LANGUAGE_UNCERTAIN: N_(
        "It is unclear whether the text is in the requested language (%(language)s): it is "
        "short or mixes languages, or there is no dictionary for this language."
    ),
    FindingCode.TEXT_USES_OTHER_DIALECT: N_(
        "The text uses SQL for another database: %(construct)s is %(dialect)s syntax; in SQLite, "
        "use %(alternative)s."
    ),
    FindingCode.LESSON_USES_OTHER_DIALECT: N_(
        "The lesson teaches SQL for another database: %(construct)s is %(dialect)s syntax; in "
        "SQLite, use %(alternative)s."
    ),
    FindingCode.BARE_COLUMN: N_(
        "A column is neither grouped nor aggregated, which is an error in %(databases)s."
    ),
    FindingCode.LIKE_IGNORES_CASE: N_(
        "LIKE does not distinguish upper and lower case here, but it does in %(databases)s."
    ),
    FindingCode.INTEGER_DIVISION: N_(
        "Dividing whole numbers discards the fractional part here, but not in %(databases)s."
    ),
    FindingCode.NULL_ORDER: N_(
        "The result depends on whether missing values are sorted first or last, which differs "
        "in %(databases)s."
    ),
    FindingCode.COLUMNS_NOT_NAMED: N_(
        "The query selects all columns instead of naming them, so their order depends on how the "
        "tables were created."
    ),
    FindingCode.DOUBLE_QUOTED_TEXT: N_(
        "Text is enclosed in double quotes, which are reserved for names in %(databases)s."
    ),
    FindingCode.AMBIGUOUS: N_("The text may be ambiguous: %(models)s solved the task differently."),
    FindingCode.NEAR_DUPLICATE: N_(
        "The draft is %(similarity)s%% identical to “%(name)s” by %(model)s."
    ),
    FindingCode.COULD_NOT_BE_CHECKED: N_(
        "This draft could not be checked: a step of the check gave no result, even when repeated, "
        "while a simple draft was checked without problems."
    ),
    FindingCode.NOT_FINISHED: N_("Part of the check was skipped."),
    FindingCode.NO_MUTANTS: N_("How many mistakes the tests notice is unknown."),
    FindingCode.FEW_CASES: N_("The tests check only a few cases (%(cases)s)."),
}
PUBLISHED_NEAR_DUPLICATE = N_(
    "The draft is %(similarity)s%% identical to the published “%(name)s”."
)
CAUSES = {
    Cause.OTHER_CHANCE: N_("The result depends on chance."),
    Cause.OTHER_DAY: N_("The result depends on the date or the time of day."),
    Cause.OTHER_TIME_ZONE: N_("The result depends on the computer’s time zone."),
    Cause.SET_ORDER: N_("The result depends on the order of a set, which differs between runs."),
    Cause.HASH_VALUE: N_(
        "The result depends on values of hash() or id(), which differ between runs."
    ),
    Cause.ORDER_OF_TESTS: N_("Run in reverse order, they give a different result."),
    Cause.TEST_ALONE: N_(
        "Run on their own, without the other tests, they give a different result."
    ),
    Cause.ANOTHER_TEST_FAILS: N_("They fail whenever another test fails."),
    Cause.ARGUMENTS_LEFT: N_(
        "Whether the arguments stay unchanged was not checked: it would take too long here."
    ),
    Cause.TESTS_NOT_ALONE: N_(
        "The tests were not run separately, because that would take too long here."
    ),
    Cause.TESTING_SOLUTION: N_("This happened while the tests were running against the solution."),
    Cause.CURRENT_TIME: N_("The query depends on the current time."),
    Cause.DATABASE_STOPPED: N_("The query crashed the database."),
    Cause.NO_ASSERTIONS: N_("They contain no assertions that could be reversed."),
    Cause.NEGATED_TESTS_STOPPED: N_(
        "With their assertions reversed, the tests did not run to completion."
    ),
    Cause.NEGATED_TIMED_OUT: N_(
        "With their assertions reversed, the tests did not finish in time."
    ),
    Cause.NEGATED_OUT_OF_MEMORY: N_("With their assertions reversed, the tests ran out of memory."),
    Cause.ROW_ORDER: N_("The result depends on the order in which the rows are stored."),
    Cause.ORDER_TIE: N_("ORDER BY does not determine the order of rows with equal values."),
    Cause.LIMIT_WITHOUT_ORDER: N_("LIMIT without ORDER BY returns arbitrary rows."),
    Cause.LIMIT_ON_TIE: N_(
        "LIMIT cuts off rows that ORDER BY treats as equal, so it is arbitrary which of them "
        "are returned."
    ),
    Cause.ARBITRARY_COLUMN: N_(
        "A column is neither grouped nor aggregated, so its value comes from an arbitrary row."
    ),
    Cause.CONCATENATION_ORDER: N_("The values are joined into one text without a defined order."),
    Cause.WINDOW_ON_TIE: N_(
        "A window function does not determine the order of rows with equal values."
    ),
    Cause.ORDERS_LEFT: N_("The query was run with only some of the other orders of the rows."),
    Cause.QUERY_NOT_READ: N_("The query uses SQL that could not be analysed."),
    Cause.NEGATED_ENDED_EARLY: N_("With their assertions reversed, the tests exited early."),
    Cause.NOTHING_TO_MUTATE: N_(
        "The solution contains nothing in which a mistake could be planted."
    ),
    Cause.ALL_EQUIVALENT: N_(
        "No change to the solution led to a different result with any of the values tried."
    ),
    Cause.STUB_NOT_MADE: N_("Code that does nothing was not tried."),
    Cause.SETS_NOT_REORDERED: N_("The code was not run with sets in a different order."),
    Cause.ASSERTIONS_LEFT: N_(
        "The tests take so long that only some of their assertions were reversed."
    ),
    Cause.MUTANTS_LEFT: N_("The tests take so long that some planted mistakes were not tried."),
    Cause.INPUTS_LEFT: N_(
        "Some planted mistakes that the tests accept were not tried with all further values, "
        "because that would take too long."
    ),
    Cause.NOT_COMPARED: N_(
        "The solutions were compared only on the values that the tests use, because more values "
        "would take too long."
    ),
    Cause.EXAMPLES_NOT_RUN: N_("The examples in the text could not be run."),
    Cause.TESTS_NOT_REVIEWED: N_("The tests could not be searched for common mistakes."),
}
PART_LIMITS = {
    "tests": N_("The tests can be up to %(limit)s characters long."),
    "solution": N_("The solution can be up to %(limit)s characters long."),
    "starter": N_("The starter code can be up to %(limit)s characters long."),
}
