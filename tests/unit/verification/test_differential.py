"""If two solutions to the same text differ, a concrete input demonstrates it."""

import ast

import pytest

from coursewright.domain.assignment import Dataset
from coursewright.domain.evidence import Cause, Verdict
from coursewright.verification.check_request import PythonCheck, SqlCheck
from coursewright.verification.differential_host import Comparison, compare_solutions
from coursewright.verification.python.check import check_python
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql.check import check_sql

TESTS = """
import unittest
from solution import largest

class LargestTest(unittest.TestCase):
    def test_largest(self):
        self.assertEqual(largest([3, 9, 4], 2), [9, 4])
        self.assertEqual(largest([5, 1], 1), [5])
"""
SORTED = "def largest(values, n):\n    return sorted(values, reverse=True)[:n]\n"
TAKEN = (
    "def largest(values, n):\n    rest, found = list(values), []\n"
    "    while rest and len(found) < n:\n        found.append(max(rest))\n"
    "        rest.remove(found[-1])\n    return found\n"
)
WITHOUT_TIES = "def largest(values, n):\n    return sorted(set(values), reverse=True)[:n]\n"


def draft(solution: str, reference: str = SORTED, tests: str = TESTS) -> PythonCheck:
    return PythonCheck(
        kind="python", starter="", solution=solution, tests=tests, reference=reference
    )


def test_solutions_that_do_the_same_show_no_difference(python_sandbox: Sandbox) -> None:
    found = compare_solutions(draft(TAKEN), python_sandbox).differences

    assert found == ()


def test_what_the_tests_leave_open_is_shown_by_a_small_input(python_sandbox: Sandbox) -> None:
    check = draft(WITHOUT_TIES)

    evidence = check_python(check, python_sandbox)
    found = compare_solutions(check, python_sandbox).differences

    assert evidence.solution_passes is True
    assert found
    assert list(found) == sorted(found, key=lambda difference: len(difference.input))
    assert found[0].input.startswith("largest([")
    other, own = map(ast.literal_eval, (found[0].result, found[0].own_result))
    assert len(set(own)) < len(own)
    assert len(set(other)) == len(other)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("    return sum(values) / n\n", "    return sum(v / n for v in values)\n"),
        ("    return tuple(values[:n])\n", "    return (*values,)[0:n]\n"),
        ("    raise ValueError('n')\n", "    raise ValueError('other words')\n"),
    ],
    ids=["the last digits", "the same value", "words of an error"],
)
def test_a_difference_that_no_task_intends_is_ignored(
    text: str, other: str, python_sandbox: Sandbox
) -> None:
    head = "def largest(values, n):\n"
    tests = TESTS.replace("self.assertEqual(largest([5, 1], 1), [5])", "largest([0.1, 0.7], 3)")
    tests = tests.replace("self.assertEqual(largest([3, 9, 4], 2), [9, 4])", "pass")

    found = compare_solutions(draft(head + other, head + text, tests), python_sandbox).differences

    assert found == ()


def test_code_that_does_not_load_is_no_difference(python_sandbox: Sandbox) -> None:
    found = compare_solutions(draft("def largest(:\n"), python_sandbox).differences

    assert found == ()


SCHEMA = "CREATE TABLE player (name TEXT, team TEXT, goals INTEGER);"
COUNTED = "SELECT team, COUNT(*) AS players FROM player GROUP BY team"
WITH_GOALS = "SELECT team, COUNT(goals) AS players FROM player GROUP BY team"


def query(solution: str, reference: str) -> SqlCheck:
    seeds = ("INSERT INTO player VALUES ('Ada','red',3),('Bo','blue',1);", "")
    rows: tuple[list[list[str | int]], ...] = ([["red", 1], ["blue", 1]], [])
    return SqlCheck(
        kind="sql",
        schema_sql=SCHEMA,
        starter="SELECT 1",
        solution=solution,
        reference=reference,
        datasets=[
            Dataset(
                name=f"d{number}",
                seed_sql=seed,
                expected_columns=["team", "players"],
                expected_rows=list(expected),
            )
            for number, (seed, expected) in enumerate(zip(seeds, rows, strict=True))
        ],
    )


def test_queries_that_differ_are_shown_with_small_tables(sql_sandbox: Sandbox) -> None:
    check = query(WITH_GOALS, COUNTED)

    evidence = check_sql(check, sql_sandbox)
    found = compare_solutions(check, sql_sandbox).differences

    assert evidence.verdict is Verdict.VERIFIED
    assert found[0].input.startswith("player: (")
    assert "None" in found[0].input
    assert found[0].result.startswith("(")
    assert found[0].result != found[0].own_result


def test_queries_that_mean_the_same_show_no_difference(sql_sandbox: Sandbox) -> None:
    renamed = COUNTED.replace("COUNT(*)", "SUM(1)")

    assert compare_solutions(query(renamed, COUNTED), sql_sandbox).differences == ()


def test_text_in_double_quotes_does_not_prevent_the_comparison(sql_sandbox: Sandbox) -> None:
    quoted = f'{COUNTED} HAVING team IS NOT "x"'

    compared = compare_solutions(query(COUNTED, quoted), sql_sandbox)

    assert compared == Comparison()


def test_a_query_that_does_not_run_is_not_compared(sql_sandbox: Sandbox) -> None:
    (doubt,) = compare_solutions(query(COUNTED, "SELECT nothing"), sql_sandbox).doubts

    assert (doubt.params["cause"], doubt.blocking) == (Cause.NOT_COMPARED, True)


def test_without_a_reference_nothing_is_compared(sql_sandbox: Sandbox) -> None:
    assert compare_solutions(query(COUNTED, ""), sql_sandbox).differences == ()


@pytest.mark.parametrize(
    ("own", "other", "shown"),
    [
        ("    return sorted(values)", "    values.sort()\n    return values", "arguments left"),
        ("    print(max(values))", "    print(min(values))", "printed"),
    ],
)
def test_solutions_differ_if_they_print_or_change_different_things(
    own: str, other: str, shown: str, python_sandbox: Sandbox
) -> None:
    header = "def largest(values, n):\n"

    found = compare_solutions(draft(header + other, header + own), python_sandbox).differences

    assert shown in found[0].result
