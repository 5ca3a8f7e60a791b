"""Strong tests kill the solution's mutants."""

import pytest

from coursewright.domain.evidence import Evidence, FindingCode, RepairTarget, Verdict
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.check import check_python
from coursewright.verification.sandbox.worker_pool import Sandbox

SOLUTION = """
def grade(points):
    if points < 0 or points > 100:
        raise ValueError("points go from 0 to 100")
    return "passed" if points >= 50 else "failed"
"""
STRONG = """
    def test_borders(self):
        self.assertEqual(grade(50), "passed")
        self.assertEqual(grade(49), "failed")
        self.assertEqual(grade(0), "failed")
        self.assertEqual(grade(100), "passed")

    def test_points_out_of_range_are_refused(self):
        for points in (-1, 101):
            with self.subTest(points=points), self.assertRaises(ValueError):
                grade(points)
"""
WEAK = """
    def test_far_from_the_borders(self):
        self.assertEqual(grade(90), "passed")
        self.assertEqual(grade(10), "failed")
"""


def draft(tests: str, solution: str = SOLUTION) -> PythonCheck:
    head = "import unittest\nfrom solution import grade\n\nclass GradeTest(unittest.TestCase):\n"
    return PythonCheck(kind="python", starter="", solution=solution, tests=head + tests)


def codes(evidence: Evidence) -> set[FindingCode]:
    return {reason.code for reason in evidence.reasons}


def test_strong_tests_kill_nearly_every_mutant(python_sandbox: Sandbox) -> None:
    evidence = check_python(draft(STRONG), python_sandbox)

    assert evidence.verdict is Verdict.VERIFIED
    assert evidence.mutants.total >= 10
    assert evidence.mutants.killed == evidence.mutants.total - len(evidence.mutants.survivors)


def test_weak_tests_are_rejected_with_the_surviving_mutants(python_sandbox: Sandbox) -> None:
    evidence = check_python(draft(WEAK), python_sandbox)

    assert codes(evidence) == {FindingCode.TESTS_TOO_WEAK}
    assert evidence.fault is RepairTarget.TESTS
    assert (
        "line 5:\n"
        "-return 'passed' if points >= 50 else 'failed'\n"
        "+return 'passed' if points > 50 else 'failed'\n"
        "grade(50) gives 'failed', not 'passed'"
    ) in evidence.mutants.survivors


@pytest.mark.parametrize(
    "idle",
    [
        "        for points in []:\n            self.assertEqual(grade(points), 'passed')\n",
        "        return\n        self.assertEqual(grade(50), 'passed')\n",
        "        try:\n            self.assertTrue(grade(50))\n"
        "        except AssertionError:\n            pass\n",
    ],
)
def test_an_assertion_that_is_never_reached_checks_nothing(
    idle: str, python_sandbox: Sandbox
) -> None:
    tests = f"{STRONG}\n    def test_idle(self):\n{idle}"

    evidence = check_python(draft(tests), python_sandbox)

    assert FindingCode.TESTS_ASSERT_NOTHING in codes(evidence)
    assert "GradeTest.test_idle" in evidence.reasons[0].where[0]


def test_an_object_that_equals_everything_does_not_pass(python_sandbox: Sandbox) -> None:
    cheat = """
class Anything:
    def __eq__(self, other):
        return True
    def __ne__(self, other):
        return False
    __hash__ = None

def grade(points):
    if points < 0 or points > 100:
        raise ValueError
    return Anything()
"""

    evidence = check_python(draft(STRONG, cheat), python_sandbox)

    assert evidence.verdict is Verdict.REJECTED
    assert FindingCode.TESTS_ASSERT_NOTHING in codes(evidence)


def test_every_kind_of_assertion_can_be_negated(python_sandbox: Sandbox) -> None:
    tests = """
    def test_all(self):
        self.assertEqual(grade(50), "passed")
        self.assertNotEqual(grade(49), "passed")
        self.assertIn("ss", grade(50))
        self.assertCountEqual(grade(50), "deassp")
        self.assertRegex(grade(0), "^f")
        self.assertIsInstance(grade(0), str)
        self.assertTrue(grade(100).startswith("p"))
        self.assertRaises(ValueError, grade, -1)
        self.assertRaisesRegex(ValueError, "0 to 100", grade, 101)
        assert len(grade(50)) == 6
"""

    evidence = check_python(draft(tests), python_sandbox)

    assert evidence.reasons == ()


def test_endless_mutants_are_killed_quickly(python_sandbox: Sandbox) -> None:
    solution = """
def grade(points):
    total = 0
    while points > 0:
        total += points
        points -= 1
    return total
"""
    tests = """
    def test_sums(self):
        self.assertEqual(grade(4), 10)
        self.assertEqual(grade(1), 1)
        self.assertEqual(grade(0), 0)
"""

    evidence = check_python(draft(tests, solution), python_sandbox)

    assert evidence.verdict is Verdict.VERIFIED
    assert evidence.mutants.killed > 0


def test_mutants_with_the_same_mistake_count_once(python_sandbox: Sandbox) -> None:
    solution = """
def grade(first, second):
    def is_prime(number):
        if number == 1 or number == 0:
            return False
        if number == 2:
            return True
        for part in range(2, number):
            if number % part == 0:
                return False
        return True

    low = max(first[0], second[0])
    high = min(first[1], second[1])
    shared = high - low
    if shared > 0 and is_prime(shared):
        return "prime"
    return "other"
"""
    without_larger_numbers = """
    def test_shared(self):
        self.assertEqual(grade((1, 2), (2, 3)), "other")
        self.assertEqual(grade((-1, 1), (0, 4)), "other")
        self.assertEqual(grade((-3, -1), (-5, 5)), "prime")
        self.assertEqual(grade((-2, 2), (-4, 0)), "prime")
        self.assertEqual(grade((-11, 2), (-1, -1)), "other")
        self.assertEqual(grade((1, 2), (3, 5)), "other")
        self.assertEqual(grade((1, 2), (1, 2)), "other")
        self.assertEqual(grade((-2, -2), (-3, -2)), "other")
"""

    evidence = check_python(draft(without_larger_numbers, solution), python_sandbox)

    assert evidence.verdict is Verdict.VERIFIED
    assert evidence.mutants.total == evidence.mutants.killed + len(evidence.mutants.survivors)
    assert 2 <= len(evidence.mutants.survivors) <= 3


def test_fuzzed_values_of_a_truth_table_are_zeros_and_ones(python_sandbox: Sandbox) -> None:
    solution = "def grade(one, other):\n    return (one, other).count(0) % 2\n"
    tests = """
    def test_either_but_not_both(self):
        self.assertEqual(grade(0, 0), 0)
        self.assertEqual(grade(0, 1), 1)
        self.assertEqual(grade(1, 0), 1)
        self.assertEqual(grade(1, 1), 0)
"""

    evidence = check_python(draft(tests, solution), python_sandbox)

    assert evidence.verdict is Verdict.VERIFIED
