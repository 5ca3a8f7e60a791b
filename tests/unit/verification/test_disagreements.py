"""If tests and solution disagree, the evidence shows the call, its arguments and both values."""

from coursewright.domain.assignment import Dataset
from coursewright.domain.evidence import FailureCode
from coursewright.markup.evidence_text import failure_message
from coursewright.verification.check_request import PythonCheck, SqlCheck
from coursewright.verification.python.check import check_python
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql.check import check_sql

TESTS = """import unittest

from total import total


class TotalTest(unittest.TestCase):
    def test_table(self):
        for prices, expected in [([1, 2], 3), ([], 0)]:
            self.assertEqual(total(prices), expected)
"""
DRAFT = PythonCheck(
    kind="python",
    file_name="total.py",
    starter="def total(prices):\n    pass\n",
    solution="def total(prices):\n    return sum(prices) if prices else None\n",
    tests=TESTS,
)


def test_a_failing_assertion_is_shown_with_arguments_and_values(python_sandbox: Sandbox) -> None:
    evidence = check_python(DRAFT, python_sandbox)

    (failure,) = evidence.failures
    assert "self.assertEqual(total(prices), expected)" in failure.message
    assert "with prices = []" in failure.message
    assert "with expected = 0" in failure.message
    assert "None != 0" in failure.message


def test_a_plain_assert_is_shown_with_both_values(python_sandbox: Sandbox) -> None:
    tests = TESTS.replace(
        "self.assertEqual(total(prices), expected)", "assert total(prices) == expected"
    )

    (failure,) = check_python(DRAFT.model_copy(update={"tests": tests}), python_sandbox).failures

    assert "assert total(prices) == expected" in failure.message
    assert "None and 0" in failure.message


def test_values_without_a_representation_are_tolerated(python_sandbox: Sandbox) -> None:
    solution = (
        "class Total:\n    def __repr__(self):\n        raise ValueError\n\n\n"
        "def total(prices):\n    return Total()\n"
    )
    tests = TESTS.replace(
        "            self.assertEqual(total(prices), expected)",
        "            found = total(prices)\n            self.assertTrue(found == expected)",
    )
    draft = DRAFT.model_copy(update={"solution": solution, "tests": tests})

    evidence = check_python(draft, python_sandbox)

    assert "with found = <" in evidence.failures[0].message


def test_a_failing_dataset_is_shown_with_its_rows(sql_sandbox: Sandbox) -> None:
    seed = "INSERT INTO price VALUES (1), (NULL)"
    few = Dataset(name="few", seed_sql=seed, expected_columns=["n"], expected_rows=[[2]])
    none = few.model_copy(update={"name": "none", "seed_sql": "", "expected_rows": [[0]]})
    draft = SqlCheck(
        kind="sql",
        schema_sql="CREATE TABLE price (euro REAL)",
        starter="",
        solution="SELECT COUNT(euro) AS n FROM price",
        datasets=[few, none],
    )

    (failure,) = check_sql(draft, sql_sandbox).failures

    assert failure.code is FailureCode.WRONG_ROWS
    assert (failure.params["missing"], failure.params["surplus"]) == (("(2)",), ("(1)",))
    assert failure.params["seed"] == seed
    assert failure_message(failure).splitlines() == [
        "Rows expected: 1. Rows returned: 1.",
        "Not returned: (2)",
        "Not expected: (1)",
        f"Dataset: {seed}",
    ]
