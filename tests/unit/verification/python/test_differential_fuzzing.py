"""A variant is held against tests only where the task itself tells it from the solution."""

import json
from typing import Any

import pytest

from coursewright.verification.sandbox.worker_pool import Sandbox

TESTS = """
import unittest
from solution import at

class AtTest(unittest.TestCase):
    def test_places(self):
        self.assertEqual(at([4, 5, 6], 0), 4)
        self.assertEqual(at([4, 5, 6], 2), 6)
"""
OUTSIDE_TOO = """
    def test_outside(self):
        self.assertRaises(IndexError, at, [4], 3)
"""
PLAIN = "def at(values, n):\n    return values[n]\n"
ON_PURPOSE = (
    "def at(values, n):\n    if n >= len(values):\n        raise IndexError(n)\n"
    "    return values[n]\n"
)
FORGIVING = "def at(values, n):\n    return values[n] if n < len(values) else None\n"
RENAMED = "def at(items, n):\n    found = items[n]\n    return found\n"
LAST_IS_FIRST = "def at(values, n):\n    return values[n if n < 2 else 0]\n"


def ask(sandbox: Sandbox, action: str, solution: str, variant: str, tests: str) -> dict[str, Any]:
    job = {
        "module": "solution",
        "tests_module": "test_solution",
        "solution": solution,
        "variant": variant,
        "tests": tests,
        "rounds": 30,
        "seconds": 5.0,
    }
    answer, _ = sandbox.run(action, job, timeout_seconds=20)
    found: dict[str, Any] = json.loads(answer.raw)
    return found


def test_a_variant_that_differs_is_shown_with_both_results(python_sandbox: Sandbox) -> None:
    found = ask(python_sandbox, "probe_variant", PLAIN, LAST_IS_FIRST, TESTS)

    assert found["witness"].startswith("at([")
    assert " gives " in found["witness"]


@pytest.mark.parametrize(
    ("solution", "tests", "is_shown"),
    [(PLAIN, TESTS, False), (PLAIN, TESTS + OUTSIDE_TOO, True), (ON_PURPOSE, TESTS, True)],
    ids=["by chance", "as the tests ask", "on purpose"],
)
def test_an_error_belongs_to_the_task_if_it_is_asked_for(
    solution: str, tests: str, is_shown: bool, python_sandbox: Sandbox
) -> None:
    found = ask(python_sandbox, "probe_variant", solution, FORGIVING, tests)

    assert bool(found["witness"]) is is_shown


@pytest.mark.parametrize(("result", "is_shown"), [("sum(values) + n", False), ("None", True)])
def test_changed_arguments_count_where_nothing_is_returned(
    result: str, is_shown: bool, python_sandbox: Sandbox
) -> None:
    sorting = f"def at(values, n):\n    values.sort(reverse=True)\n    return {result}\n"
    idle = sorting.replace("values.sort(reverse=True)", "pass")

    found = ask(python_sandbox, "probe_variant", sorting, idle, TESTS)

    assert bool(found["witness"]) is is_shown


def test_programs_that_do_the_same_behave_alike(python_sandbox: Sandbox) -> None:
    one, same, other = (
        ask(python_sandbox, "behave", PLAIN, variant, TESTS)["digest"]
        for variant in (PLAIN, RENAMED, LAST_IS_FIRST)
    )

    assert one == same
    assert one != other
