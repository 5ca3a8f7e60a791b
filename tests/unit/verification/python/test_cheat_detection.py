"""Test results count only if they change along with secret changes to the tests."""

import pytest

from coursewright.domain.evidence import Evidence, FindingCode, Verdict
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.assertion_negation import make_negated_tests
from coursewright.verification.python.check import check_python
from coursewright.verification.python.expected_value_mutation import mutate_in_pairs
from coursewright.verification.sandbox.worker_pool import Sandbox

HONEST = "def double(n):\n    return 2 * n\n"
TESTS = """
import unittest

from solution import double


class DoubleTest(unittest.TestCase):
    def test_three(self):
        self.assertEqual(double(3), 6)

    def test_zero(self):
        self.assertEqual(double(0), 0)

    def test_words(self):
        assert double("ab") == "abab"
"""


def draft(solution: str = HONEST, tests: str = TESTS) -> PythonCheck:
    starter = "def double(n):\n    pass\n"
    return PythonCheck(kind="python", starter=starter, solution=solution, tests=tests)


def codes(evidence: Evidence) -> set[FindingCode]:
    return {reason.code for reason in evidence.reasons}


READS_THE_EXPECTED_VALUE = """
import sys

def double(n):
    frame = sys._getframe(1)
    constants = [c for c in frame.f_code.co_consts if c not in (n, None)]
    return constants[frame.f_lineno * 0] if constants else n
"""
FORGES_ALL_RESULTS = """
import gc, unittest

class Forged(unittest.TestResult):
    pass

def double(n):
    for found in gc.get_objects():
        if isinstance(found, unittest.TestResult):
            found.addFailure = lambda test, error: found.addSuccess(test)
            found.addError = found.addFailure
    return 0
"""
FAILS_UNKNOWN_TESTS = """
import gc, unittest

KNOWN = ("test_three", "test_zero", "test_words")

def double(n):
    for found in gc.get_objects():
        if isinstance(found, unittest.TestResult) and not hasattr(found, "patched"):
            found.patched = found.addFailure
            def add(test, error, found=found):
                known = test.id().rpartition(".")[2] in KNOWN
                found.right(test) if known else found.patched(test, error)
            found.addFailure = found.addError = add
            found.right = right = found.addSuccess
            def praise(test, found=found, right=right):
                known = test.id().rpartition(".")[2] in KNOWN
                error = AssertionError("forged")
                right(test) if known else found.patched(test, (None, error, None))
            found.addSuccess = praise
    return 0
"""
CHANGES_THE_RECORDERS_CLASS = """
import gc, unittest

KNOWN = ("test_three", "test_zero", "test_words")

class Forged(unittest.TestResult):
    def addFailure(self, test, error):
        self.__class__ = Forged.honest
        is_known = test.id().rpartition(".")[2] in KNOWN
        self.addSuccess(test) if is_known else self.addFailure(test, error)

    addError = addFailure

    def addSuccess(self, test):
        self.addFailure(test, (None, AssertionError("forged"), None))

def double(n):
    for found in gc.get_objects():
        if isinstance(found, unittest.TestResult) and type(found) is not Forged:
            Forged.honest = type(found)
            found.__class__ = Forged
    return 0
"""
FINDS_THE_JOB_IN_THE_FRAMES = """
import json, os, sys

def walk():
    yield

def double(n):
    frame = sys._getframe()
    while frame:
        for value in list(frame.f_locals.values()):
            if isinstance(value, dict) and "nonce" in value:
                recorder = frame.f_locals.get("recorder")
                if recorder is not None:
                    recorder.addFailure = lambda test, error: recorder.addSuccess(test)
        frame = frame.f_back
    return 0
"""
ANYTHING = """
class Anything:
    def __eq__(self, other):
        return True
    def __ne__(self, other):
        return True
    def __bool__(self):
        return True
    __hash__ = None

def double(n):
    return Anything()
"""


@pytest.mark.parametrize(
    "cheat",
    [
        READS_THE_EXPECTED_VALUE,
        FORGES_ALL_RESULTS,
        FAILS_UNKNOWN_TESTS,
        CHANGES_THE_RECORDERS_CLASS,
        FINDS_THE_JOB_IN_THE_FRAMES,
        ANYTHING,
    ],
    ids=[
        "reads the expected value",
        "forges all results",
        "fails unknown tests",
        "changes the recorder's class",
        "finds the job in the frames",
        "equals anything",
    ],
)
def test_forged_results_are_rejected(cheat: str, python_sandbox: Sandbox) -> None:
    evidence = check_python(draft(cheat), python_sandbox)
    afterwards = check_python(draft(), python_sandbox)

    assert evidence.verdict is Verdict.REJECTED
    assert afterwards.verdict is Verdict.VERIFIED


def test_results_forged_by_test_name_are_exposed_by_mutated_values(python_sandbox: Sandbox) -> None:
    evidence = check_python(draft(CHANGES_THE_RECORDERS_CLASS), python_sandbox)

    assert evidence.solution_passes is True
    assert codes(evidence) == {FindingCode.RESULTS_FORGED}


def test_an_assertion_in_a_helper_is_negated_too(python_sandbox: Sandbox) -> None:
    tests = """
import unittest
from solution import double

def check(candidate):
    assert candidate(3) == 6
    assert candidate(0) == 0
    for n in ():
        assert candidate(n) == 1

class DoubleTest(unittest.TestCase):
    def test_check(self):
        check(double)
        self.also(4, 8)

    def also(self, n, expected):
        self.assertEqual(double(n), expected)
"""

    evidence = check_python(draft(tests=tests), python_sandbox)
    complete = check_python(
        draft(tests=tests.replace("for n in ()", "for n in (0.5,)")), python_sandbox
    )

    assert codes(evidence) == {FindingCode.TESTS_ASSERT_NOTHING}
    assert "check, line 9" in evidence.reasons[0].where[0]
    assert complete.verdict is Verdict.VERIFIED


def test_a_test_without_assertions_that_a_stub_passes_is_reported(python_sandbox: Sandbox) -> None:
    tests = TESTS + "\n    def test_it_can_be_called(self):\n        double(1)\n"

    evidence = check_python(draft(tests=tests), python_sandbox)

    assert codes(evidence) == {FindingCode.TESTS_ASSERT_NOTHING}
    assert "DoubleTest.test_it_can_be_called" in evidence.reasons[0].where[0]


@pytest.mark.parametrize(
    ("limit", "is_reported"), [("if n == 71:\n        raise ValueError", False), ("pass", True)]
)
def test_a_test_may_only_check_that_a_call_is_not_refused(
    limit: str, is_reported: bool, python_sandbox: Sandbox
) -> None:
    solution = f"def double(n):\n    {limit}\n    return 2 * n\n"
    tests = TESTS + "\n    def test_seventy_is_allowed(self):\n        double(70)\n"
    refuses = "\n    def test_more(self):\n        self.assertRaises(ValueError, double, 71)\n"

    evidence = check_python(
        draft(solution, tests + ("" if is_reported else refuses)), python_sandbox
    )

    assert codes(evidence) == ({FindingCode.TESTS_ASSERT_NOTHING} if is_reported else set())


def test_tests_without_an_assertion_that_can_be_negated_are_rejected(
    python_sandbox: Sandbox,
) -> None:
    tests = """
import unittest
from solution import double

class DoubleTest(unittest.TestCase):
    def test_a(self):
        if double(3) != 6 or double(0) != 0:
            self.fail("wrong")
"""

    evidence = check_python(draft(tests=tests), python_sandbox)

    assert codes(evidence) == {FindingCode.TESTS_CANNOT_BE_NEGATED}


def test_tests_that_depend_on_each_other_are_reported(python_sandbox: Sandbox) -> None:
    tests = """
import unittest
from solution import double

SEEN = []

class DoubleTest(unittest.TestCase):
    def test_a(self):
        self.assertEqual(double(3), 6)
        SEEN.append("a")

    def test_b(self):
        self.assertEqual(double(2), 4)
        self.assertEqual(SEEN, ["a"])
        SEEN.append("b")

    def test_c(self):
        self.assertEqual(double(5), 10)
        self.assertEqual(SEEN, ["a", "b"])
        SEEN.append("c")

    def test_d(self):
        self.assertEqual(double(6), 12)
        self.assertEqual(SEEN, ["a", "b", "c"])
"""

    evidence = check_python(draft(tests=tests), python_sandbox)

    assert codes(evidence) <= {
        FindingCode.TESTS_DEPEND_ON_EACH_OTHER,
        FindingCode.TESTS_ASSERT_NOTHING,
    }
    assert evidence.verdict is Verdict.REJECTED


@pytest.mark.parametrize("seed", range(20))
def test_a_value_mutation_changes_values_and_keeps_all_names(seed: int) -> None:
    labels = {"DoubleTest.test_three, line 9", "DoubleTest.test_zero, line 12"}

    pair = mutate_in_pairs(TESTS, labels, [seed])

    for mutation in pair:
        assert mutation["mutable_functions"] == 2
        assert mutation["source"].count("def test_") == 3
        assert "assertNotEqual" not in mutation["source"]
        assert ("double(3), 6)" in mutation["source"]) is not any(
            mutated["tests"] == ["DoubleTest.test_three"] for mutated in mutation["must_fail"]
        )


@pytest.mark.parametrize("seed", range(20))
def test_every_test_is_mutated_in_exactly_one_run_of_each_pair(seed: int) -> None:
    labels = {
        "DoubleTest.test_three, line 9",
        "DoubleTest.test_zero, line 12",
        "DoubleTest.test_words, line 15",
    }

    pairs = mutate_in_pairs(TESTS, labels, [seed, seed + 100])

    mutated = [[test for m in run["must_fail"] for test in m["tests"]] for run in pairs]
    everything = ["DoubleTest.test_three", "DoubleTest.test_words", "DoubleTest.test_zero"]
    assert sorted(mutated[0] + mutated[1]) == everything
    assert sorted(mutated[2] + mutated[3]) == everything


def test_each_assertion_is_negated_separately() -> None:
    negated = make_negated_tests(TESTS, "secret")

    negations = negated["negated_tests"].values()
    assert sorted((n["label"], n["number"]) for n in negations) == [
        ("DoubleTest.test_three, line 9", 0),
        ("DoubleTest.test_three, line 9", 1),
        ("DoubleTest.test_words, line 15", 4),
        ("DoubleTest.test_zero, line 12", 2),
        ("DoubleTest.test_zero, line 12", 3),
    ]


def test_a_test_that_the_file_skips_explicitly_need_not_run(
    python_sandbox: Sandbox,
) -> None:
    tests = TESTS + (
        "\n    @unittest.skip('for later')\n    def test_later(self):\n"
        "        self.assertEqual(double(4), 9)\n"
    )

    evidence = check_python(draft(tests=tests), python_sandbox)

    assert evidence.verdict is Verdict.VERIFIED
    assert evidence.tests_run == 3


def test_a_solution_cannot_skip_its_tests(python_sandbox: Sandbox) -> None:
    skipping = (
        "import unittest\ndef double(n):\n    if n == 3:\n        raise unittest.SkipTest\n"
        "    return 2 * n\n"
    )

    evidence = check_python(draft(skipping), python_sandbox)

    assert FindingCode.TESTS_MISSING in codes(evidence)
