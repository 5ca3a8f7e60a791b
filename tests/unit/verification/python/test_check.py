"""A Python draft is verified only if every check confirms it."""

from typing import Any

import pytest

from coursewright.domain.evidence import Evidence, FindingCode, RepairTarget, Verdict
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.check import check_python
from coursewright.verification.python.results import run_tests
from coursewright.verification.sandbox.worker_pool import Sandbox

SOLUTION = """
def is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
"""
STARTER = """
def is_leap(year):
    pass
"""
TESTS = """
import unittest

from leap import is_leap


class LeapTest(unittest.TestCase):
    def setUp(self):
        self.centuries = {1900: False, 2000: True}

    def test_common_years_are_not_leap_years(self):
        self.assertIs(is_leap(2015), False)
        self.assertIs(is_leap(2017), False)

    def test_every_fourth_year_is_a_leap_year(self):
        self.assertIs(is_leap(1996), True)

    def test_centuries_follow_a_rule_of_their_own(self):
        for year, expected in self.centuries.items():
            with self.subTest(year=year):
                self.assertIs(is_leap(year), expected)

    def test_a_word_is_not_a_year(self):
        with self.assertRaises(TypeError) as caught:
            is_leap("mmxx")
        self.assertIn("not all arguments converted", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
"""
DRAFT = PythonCheck(
    kind="python", file_name="leap.py", starter=STARTER, solution=SOLUTION, tests=TESTS
)
ENDLESS = "def is_leap(year):\n    while True:\n        pass\n"


def changed(**parts: Any) -> PythonCheck:
    return DRAFT.model_copy(update=parts)


def draft_with(body: str) -> PythonCheck:
    return changed(tests=f"import unittest\nfrom leap import is_leap\n\n{body}")


def codes(evidence: Evidence) -> set[FindingCode]:
    return {reason.code for reason in evidence.reasons}


def test_an_honest_draft_is_verified(python_sandbox: Sandbox) -> None:
    evidence = check_python(DRAFT, python_sandbox)

    assert evidence.verdict is Verdict.VERIFIED
    assert evidence.reasons == ()
    assert (evidence.solution_passes, evidence.starter_fails, evidence.repeatable) == (True,) * 3
    assert evidence.tests_run == 4
    assert evidence.fault is RepairTarget.NONE


def test_a_wrong_solution_is_rejected_with_the_failing_values(
    python_sandbox: Sandbox,
) -> None:
    draft = changed(solution="def is_leap(year):\n    return year % 4 == 0\n")

    evidence = check_python(draft, python_sandbox)

    assert codes(evidence) == {FindingCode.SOLUTION_FAILS}
    assert evidence.fault is RepairTarget.SOLUTION
    assert (
        evidence.failures[0].test == "test_leap.LeapTest.test_centuries_follow_a_rule_of_their_own"
    )
    assert "year=1900" in evidence.failures[0].message
    assert "AssertionError: True is not False" in evidence.failures[0].message


def test_a_starter_that_passes_is_rejected(python_sandbox: Sandbox) -> None:
    evidence = check_python(changed(starter=SOLUTION), python_sandbox)

    assert FindingCode.STARTER_PASSES in codes(evidence)
    assert evidence.starter_fails is False
    assert evidence.fault is RepairTarget.TESTS


def test_an_empty_starter_is_accepted(python_sandbox: Sandbox) -> None:
    evidence = check_python(changed(starter=""), python_sandbox)

    assert evidence.verdict is Verdict.VERIFIED


def test_tests_that_a_stub_passes_are_rejected(python_sandbox: Sandbox) -> None:
    draft = draft_with(
        "class T(unittest.TestCase):\n    def test_it_can_be_called(self):\n        is_leap(2000)\n"
    ).model_copy(update={"starter": ""})

    evidence = check_python(draft, python_sandbox)

    assert codes(evidence) == {FindingCode.STUB_PASSES}
    assert evidence.fault is RepairTarget.TESTS


def test_a_solution_with_a_syntax_error_is_not_python(python_sandbox: Sandbox) -> None:
    evidence = check_python(changed(solution="def is_leap(year)\n"), python_sandbox)

    assert codes(evidence) == {FindingCode.SOLUTION_IS_NOT_PYTHON}
    assert evidence.fault is RepairTarget.SOLUTION


@pytest.mark.parametrize("tests", ["def (", "\x00", "if True:\nx = 1\n"])
def test_tests_that_cannot_be_read_are_not_python(tests: str, python_sandbox: Sandbox) -> None:
    evidence = check_python(changed(tests=tests), python_sandbox)

    assert codes(evidence) == {FindingCode.TESTS_ARE_NOT_PYTHON}
    assert evidence.fault is RepairTarget.TESTS


def test_tests_that_are_nested_too_deeply_are_too_complicated(python_sandbox: Sandbox) -> None:
    evidence = check_python(changed(tests="(" * 40_000 + ")" * 40_000), python_sandbox)

    assert codes(evidence) == {FindingCode.TESTS_TOO_COMPLICATED}
    assert evidence.fault is RepairTarget.TESTS


def test_a_name_that_only_the_tests_use_is_a_fault_of_the_tests(python_sandbox: Sandbox) -> None:
    draft = changed(tests=TESTS.replace("import is_leap", "import leap_year"))

    evidence = check_python(draft, python_sandbox)

    assert codes(evidence) == {FindingCode.NAME_MISSING}
    assert evidence.fault is RepairTarget.TESTS


def test_a_name_from_the_starter_is_missing_by_fault_of_the_solution(
    python_sandbox: Sandbox,
) -> None:
    draft = changed(solution=SOLUTION.replace("is_leap", "leap_year"))

    evidence = check_python(draft, python_sandbox)

    assert evidence.fault is RepairTarget.SOLUTION


def test_a_misspelled_name_in_the_tests_is_their_fault(python_sandbox: Sandbox) -> None:
    draft = draft_with(
        "class T(unittest.TestCase):\n"
        "    def test_a(self):\n"
        "        self.assertTrue(is_leap(yaer))\n"
    )

    evidence = check_python(draft, python_sandbox)

    assert evidence.fault is RepairTarget.TESTS
    assert "NameError" in evidence.failures[0].message


def test_a_file_without_tests_is_rejected(python_sandbox: Sandbox) -> None:
    evidence = check_python(draft_with("def test_a():\n    assert is_leap(2000)\n"), python_sandbox)

    assert codes(evidence) == {FindingCode.NO_TESTS}


def test_skipped_tests_are_rejected(python_sandbox: Sandbox) -> None:
    draft = changed(
        tests=TESTS.replace("class LeapTest", "@unittest.skip('later')\nclass LeapTest")
    )

    evidence = check_python(draft, python_sandbox)

    assert FindingCode.ALL_TESTS_SKIPPED in codes(evidence)
    assert evidence.solution_passes is False
    assert evidence.tests_run == 0


@pytest.mark.parametrize(
    "trick",
    [
        "def load_tests(loader, tests, pattern):\n    return unittest.TestSuite()\n",
        "del LeapTest.test_a_word_is_not_a_year\n",
        "LeapTest.test_a_word_is_not_a_year = None\n",
        "class Outer:\n    class Inner(unittest.TestCase):\n        test_x = lambda self: None\n",
        "class LeapTest(unittest.TestCase):\n    def test_other(self):\n        is_leap(2000)\n",
    ],
)
def test_tests_that_are_hidden_from_the_test_run_are_reported(
    trick: str, python_sandbox: Sandbox
) -> None:
    evidence = check_python(changed(tests=f"{TESTS}\n\n{trick}"), python_sandbox)

    assert codes(evidence) & {FindingCode.TESTS_MISSING, FindingCode.TESTS_HIDDEN}
    assert evidence.fault is RepairTarget.TESTS


def test_tests_created_at_run_time_are_reported(python_sandbox: Sandbox) -> None:
    trick = "LeapTest.test_new = lambda self: self.assertTrue(is_leap(2000))\n"

    evidence = check_python(changed(tests=f"{TESTS}\n\n{trick}"), python_sandbox)

    assert codes(evidence) == {FindingCode.TESTS_UNEXPECTED}


def test_inherited_and_decorated_tests_are_expected_and_run(python_sandbox: Sandbox) -> None:
    draft = draft_with(
        "from unittest import TestCase as Case, mock\n"
        "class Shared:\n"
        "    def test_leap(self):\n"
        "        self.assertIs(is_leap(2000), True)\n"
        "        self.assertIs(is_leap(1900), False)\n"
        "        self.assertIs(is_leap(1996), True)\n"
        "class Plain(Shared, Case):\n"
        "    @mock.patch('builtins.print')\n"
        "    def test_silent(self, printed):\n"
        "        self.assertIs(is_leap(1999), False)\n"
        "        printed.assert_not_called()\n"
        "class Special(Plain):\n"
        "    pass\n"
    )

    evidence = check_python(draft, python_sandbox)

    assert evidence.verdict is Verdict.VERIFIED
    assert evidence.tests_run == 4


def test_a_call_of_unittest_main_at_module_level_is_ignored(python_sandbox: Sandbox) -> None:
    evidence = check_python(changed(tests=f"{TESTS}\nunittest.main()\n"), python_sandbox)

    assert evidence.verdict is Verdict.VERIFIED


def test_a_result_that_depends_on_chance_is_not_repeatable(python_sandbox: Sandbox) -> None:
    draft = changed(
        file_name="dice.py",
        starter="",
        solution="import random\ndef roll():\n    return random.randint(1, 1000)\n",
        tests="import unittest\nfrom dice import roll\nLUCK = roll() % 2\n"
        "class DiceTest(unittest.TestCase):\n"
        + "".join(
            f"    def test_{n}(self):\n        self.assertEqual(roll() % 2, 0)\n" for n in range(8)
        ),
    )

    evidence = check_python(draft, python_sandbox)

    assert FindingCode.NOT_REPEATABLE in codes(evidence)
    assert evidence.repeatable is False
    assert evidence.fault is RepairTarget.TESTS


def test_a_test_that_is_never_awaited_does_not_pass(python_sandbox: Sandbox) -> None:
    draft = draft_with(
        "class T(unittest.TestCase):\n"
        "    async def test_a(self):\n"
        "        self.assertTrue(is_leap(1999))\n"
    )

    evidence = check_python(draft, python_sandbox)

    assert evidence.verdict is Verdict.REJECTED


@pytest.mark.parametrize("file_name", ["random.py", "unittest.py", "two_fer.py"])
def test_any_module_name_can_be_tested(file_name: str, python_sandbox: Sandbox) -> None:
    module = file_name.removesuffix(".py")
    draft = changed(file_name="two_fer.py", tests=TESTS.replace("leap import", "two_fer import"))
    if module != "unittest":
        tests = TESTS.replace("from leap import", f"from {module} import")
        draft = changed(file_name=file_name, tests=tests)

    evidence = check_python(draft, python_sandbox)

    assert evidence.verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    "unique", ["list(set(WORDS))", "[w for w in {*WORDS}]", "list(set(WORDS) & set(WORDS))"]
)
def test_a_result_that_depends_on_the_order_of_a_set_is_not_repeatable(
    unique: str, python_sandbox: Sandbox
) -> None:
    words = ["ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen"]
    solution = f"WORDS = {words!r}\ndef unique():\n    return {unique}\n"
    asked = "import unittest\nfrom words import unique\nraise Exception(';'.join(unique()))\n"
    draft = changed(file_name="words.py", starter="", solution=solution, tests=asked)
    seen = run_tests(draft, solution, python_sandbox).report
    assert seen is not None
    assert seen.load_error is not None
    order = seen.load_error.message.rpartition("Exception: ")[2].split(";")
    copied = (
        "import unittest\nfrom words import unique\nclass WordsTest(unittest.TestCase):\n"
        f"    def test_order(self):\n        self.assertEqual(unique(), {order!r})\n"
    )

    evidence = check_python(draft.model_copy(update={"tests": copied}), python_sandbox)

    assert FindingCode.NOT_REPEATABLE in codes(evidence)


def test_a_draft_may_use_files(python_sandbox: Sandbox) -> None:
    draft = changed(
        file_name="notes.py",
        starter="",
        solution="def keep(path, text):\n"
        "    with open(path, 'w') as file:\n"
        "        file.write(text)\n",
        tests="import tempfile, unittest\n"
        "from pathlib import Path\n"
        "from notes import keep\n"
        "class NotesTest(unittest.TestCase):\n"
        "    def test_here(self):\n"
        "        keep('a.txt', 'hello')\n"
        "        self.assertEqual(Path('a.txt').read_text(), 'hello')\n"
        "    def test_there(self):\n"
        "        with tempfile.TemporaryDirectory() as folder:\n"
        "            keep(f'{folder}/b.txt', 'bye')\n"
        "            self.assertEqual(Path(folder, 'b.txt').read_text(), 'bye')\n"
        "    def test_the_draft_itself(self):\n"
        "        self.assertIn('def keep', Path('notes.py').read_text())\n",
    )

    evidence = check_python(draft, python_sandbox)

    assert evidence.verdict is Verdict.VERIFIED


def test_tests_that_look_at_a_few_cases_leave_a_doubt(python_sandbox: Sandbox) -> None:
    few = "".join(line for line in TESTS.splitlines(True) if "2017" not in line)
    few = few[: few.index("    def test_every_fourth")]
    solution = "def is_leap(year):\n    return False\n"

    evidence = check_python(changed(tests=few, solution=solution), python_sandbox)

    assert FindingCode.FEW_CASES in {finding.code for finding in evidence.doubts}


def test_tests_that_look_at_many_cases_leave_no_doubt(python_sandbox: Sandbox) -> None:
    evidence = check_python(DRAFT, python_sandbox)

    assert evidence.doubts == ()
