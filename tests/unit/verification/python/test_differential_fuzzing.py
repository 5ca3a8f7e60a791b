"""A counterexample counts only if the task itself rules out the mutant's behaviour."""

from typing import Any

import pytest

from coursewright.verification.python.mutation_score import Behaviour, FuzzResult
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


def run_job(
    sandbox: Sandbox, action: str, solution: str, mutant: str, tests: str
) -> dict[str, Any]:
    job = {
        "module": "solution",
        "tests_module": "test_solution",
        "solution": solution,
        "mutant": mutant,
        "tests": tests,
        "rounds": 30,
    }
    reply_type = FuzzResult if action == "fuzz" else Behaviour
    answer = sandbox.ask(action, job, reply_type)
    assert answer.value is not None
    return answer.value.model_dump()


def test_a_counterexample_shows_both_results(python_sandbox: Sandbox) -> None:
    result = run_job(python_sandbox, "fuzz", PLAIN, LAST_IS_FIRST, TESTS)

    assert result["counterexample"].startswith("at([")
    assert " gives " in result["counterexample"]


@pytest.mark.parametrize(
    ("solution", "tests", "is_shown"),
    [(PLAIN, TESTS, False), (PLAIN, TESTS + OUTSIDE_TOO, True), (ON_PURPOSE, TESTS, True)],
    ids=["incidental", "required by the tests", "raised on purpose"],
)
def test_an_error_counts_only_if_the_task_requires_it(
    solution: str, tests: str, is_shown: bool, python_sandbox: Sandbox
) -> None:
    result = run_job(python_sandbox, "fuzz", solution, FORGIVING, tests)

    assert bool(result["counterexample"]) is is_shown


@pytest.mark.parametrize("returned", ["sum(values) + n", "None"])
def test_changed_arguments_count_whatever_is_returned(
    returned: str, python_sandbox: Sandbox
) -> None:
    sorting = f"def at(values, n):\n    values.sort(reverse=True)\n    return {returned}\n"
    idle = sorting.replace("values.sort(reverse=True)", "pass")

    result = run_job(python_sandbox, "fuzz", sorting, idle, TESTS)

    assert "leaves its arguments as" in result["counterexample"]


def test_equivalent_programs_have_the_same_digest(python_sandbox: Sandbox) -> None:
    original, equivalent, different = (
        run_job(python_sandbox, "observe", PLAIN, mutant, TESTS)["digest"]
        for mutant in (PLAIN, RENAMED, LAST_IS_FIRST)
    )

    assert original == equivalent
    assert original != different


OBSERVED = {
    "printed text": (
        "def at(values, n):\n    print(values[n])\n",
        "def at(values, n):\n    pass\n",
        "prints",
    ),
    "a written file": (
        "def at(values, n):\n    with open('out.txt', 'w') as file:\n"
        "        file.write(str(values[n]))\n    return 1\n",
        "def at(values, n):\n    with open('out.txt', 'w') as file:\n"
        "        file.write('')\n    return 1\n",
        "writes",
    ),
    "an attribute of an argument": (
        "def at(values, n):\n    values.seen = n\n    return 1\n",
        "def at(values, n):\n    values.seen = 0\n    return 1\n",
        "leaves argument 1.seen as",
    ),
}
OBJECT_TESTS = """
import unittest
from solution import at

class Thing:
    seen = None

class AtTest(unittest.TestCase):
    def test_places(self):
        self.assertEqual(at(Thing(), 2), 1)
"""


@pytest.mark.parametrize("name", OBSERVED)
def test_everything_observable_distinguishes_a_mutant(name: str, python_sandbox: Sandbox) -> None:
    solution, mutant, difference = OBSERVED[name]
    tests = OBJECT_TESTS if "argument" in name else TESTS

    result = run_job(python_sandbox, "fuzz", solution, mutant, tests)

    assert difference in result["counterexample"]


def test_trailing_blanks_and_prompts_do_not_count_as_printed(python_sandbox: Sandbox) -> None:
    plain = "def at(values, n):\n    print(values[n])\n"
    blank = "def at(values, n):\n    print(values[n], '', end='\\n\\n')\n"

    result = run_job(python_sandbox, "fuzz", plain, blank, TESTS)

    assert result["counterexample"] == ""
