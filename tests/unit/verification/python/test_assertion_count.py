"""Assertions are counted as the cases that they check."""

import ast

import pytest

from coursewright.verification.python.assertion_count import count_cases

CASES = {
    "one assertion": ("self.assertEqual(f(1), 2)", 1),
    "two assertions": ("self.assertEqual(f(1), 2)\nassert f(2) == 3", 2),
    "an expected error": ("with self.assertRaises(ValueError):\n    f(-1)", 1),
    "a loop over a list": ("for n in [1, 2, 3, 4]:\n    self.assertEqual(f(n), n)", 4),
    "a loop over pairs": ("for a, b in zip((1, 2), (2, 3)):\n    self.assertEqual(f(a), b)", 2),
    "a loop over a range": ("for n in range(2, 7):\n    self.assertEqual(f(n), n)", 5),
    "an empty loop": ("for n in ():\n    self.assertEqual(f(n), n)", 0),
    "a loop of unknown length": ("for n in load():\n    self.assertEqual(f(n), n)", 3),
    "a loop over a named dict": (
        "cases = {1: 2, 3: 4}\nfor a, b in cases.items():\n    self.assertEqual(f(a), b)",
        2,
    ),
    "subtests": (
        "for n in (1, 2):\n    with self.subTest(n):\n        self.assertEqual(f(n), n)",
        2,
    ),
    "a comprehension": ("self.assertTrue(all(f(n) == n for n in numbers))", 3),
    "a helper": ("self.check(1)", 1),
    "a helper called three times": ("self.check(1)\nself.check(2)\nself.check(3)", 3),
    "no assertion": ("f(1)", 0),
}


@pytest.mark.parametrize(("body", "expected"), CASES.values(), ids=CASES)
def test_a_test_checks_as_many_cases(body: str, expected: int) -> None:
    indented = body.replace("\n", "\n        ")
    source = f"""
class Tests(unittest.TestCase):
    def test_f(self):
        {indented}

    def check(self, n):
        self.assertEqual(f(n), n)

    def unused(self):
        self.assertEqual(f(9), 9)
"""

    assert count_cases(ast.parse(source)) == expected
