"""Tests are searched for assertions that check less, or demand more, than they seem to."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from coursewright.domain.evidence import Evidence, FindingCode, RepairTarget, Verdict
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.check import check_python
from coursewright.verification.python.float_equality import float_findings
from coursewright.verification.python.hard_coding import hard_coding_findings, recorded_calls
from coursewright.verification.python.review_host import ReviewFinding, with_review
from coursewright.verification.python.static_checks import static_findings
from coursewright.verification.sandbox.worker_pool import Sandbox

HEAD = "import unittest\nfrom solution import *\n\n\nclass T(unittest.TestCase):\n"
ADD = "def add(a, b):\n    return a + b\n"
CUSTOM = "class TooSmall(Exception):\n    pass\n\n\n"
TEXT = "Write add(a, b). A negative number raises a ValueError."


@pytest.fixture(autouse=True)
def streams() -> Iterator[None]:
    """Restore the streams and modules that running the tests replaces."""
    kept = sys.stdin, sys.stdout, sys.stderr
    yield
    sys.stdin, sys.stdout, sys.stderr = kept
    for name in ("solution", "test_solution"):
        sys.modules.pop(name, None)


def source_with(*lines: str, name: str = "test_a") -> str:
    return HEAD + f"    def {name}(self):\n" + "".join(f"        {line}\n" for line in lines)


def static_codes(*lines: str, text: str = TEXT) -> list[str]:
    return [each["code"] for each in static(source_with(*lines), text)]


def static(tests: str, text: str = TEXT) -> list[dict[str, Any]]:
    results = {"add": {"3"}, "greet": {"'Hello Bob'"}, "is_even": {"True", "False"}}
    return list(static_findings(job(CUSTOM + ADD, tests, text), results))


def job(solution: str, tests: str, text: str = "") -> dict[str, Any]:
    modules = {"module": "solution", "tests_module": "test_solution"}
    return modules | {"solution": solution, "tests": tests, "text": text}


def hard_coded(parts: dict[str, Any]) -> list[dict[str, Any]]:
    return list(hard_coding_findings(parts, recorded_calls(parts)))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("self.assertTrue(add(1, 2), 3)", "assert_true_two_arguments"),
        ("self.assertFalse(add(1, 2), [3])", "assert_true_two_arguments"),
        ("self.assertTrue(add(1, 2), expected)", "assert_true_two_arguments"),
        ("self.assertTrue(greet('Bob'), 'Hello Bob')", "assert_true_two_arguments"),
        ("self.assertRaises(Exception, add, -1, 2)", "error_type_too_broad"),
        ("with self.assertRaises(Exception): add(-1, 2)", "error_type_too_broad"),
        ("with self.assertRaises((ValueError, Exception)): add(1, 2)", "error_type_too_broad"),
        ("self.assertEqual(show(2), '1 2 ')", "trailing_blanks"),
        ("self.assertEqual(show(2), '1 \\n2\\n')", "trailing_blanks"),
        ("assert show(2) == '1 2 '", "trailing_blanks"),
        ("with self.assertRaisesRegex(ValueError, 'too small'): add(-1, 2)", "message_not_in_text"),
        ("self.assertEqual(str(caught.exception), 'too small')", "message_not_in_text"),
        ("self.assertIn('too small', caught.exception.args[0])", "message_not_in_text"),
    ],
)
def test_a_mistake_in_an_assertion_is_found(line: str, code: str) -> None:
    assert static_codes(line) == [code]


@pytest.mark.parametrize(
    "line",
    [
        "self.assertTrue(add(1, 2) == 3, 'the sum of 1 and 2')",
        "self.assertTrue(add(1, 2) == 3, f'the sum of {1} and 2')",
        "self.assertTrue(add(1, 2) == 3, msg=3)",
        "self.assertTrue(add(1, 2) == 3, message)",
        "self.assertTrue(is_even(2), '2 is even')",
        "with self.assertRaises(Exception) as e: add(1)\n"
        "        self.assertIs(type(e.exception), OSError)",
        "with self.assertRaises(ValueError): add(-1, 2)",
        "self.assertEqual(show('1 2 '), '1 2')",
        "self.assertEqual(show(2), '\\n')",
        "self.assertEqual(show(2), ' ')",
        "with self.assertRaisesRegex(ValueError, 'negative.*number'): add(-1, 2)",
        "self.assertIn('negative', str(caught.exception))",
        "self.assertEqual(str(add(1, 2)), 'three')",
    ],
)
def test_a_sound_assertion_is_left_alone(line: str) -> None:
    assert static_codes(line) == []


def test_an_error_of_the_task_itself_counts_as_named() -> None:
    line = "with self.assertRaises(Exception): add(-1, 2)"

    assert static_codes(line, text="It raises TooSmall.") == ["error_type_too_broad"]


def test_any_error_may_be_expected_where_the_text_names_none() -> None:
    assert static_codes("with self.assertRaises(Exception): add(1, 2)", text="It fails.") == []


def test_blanks_may_be_expected_where_the_text_mentions_them() -> None:
    assert static_codes("assert show(2) == '1 2 '", text="A space follows each number.") == []


@pytest.mark.parametrize("name", ["check_negative", "Test_negative", "should_add"])
def test_assertions_that_never_run_are_found(name: str) -> None:
    tests = source_with("self.assertEqual(add(1, 2), 3)")
    tests += f"    def {name}(self):\n        self.assertEqual(add(-1, 2), 1)\n"

    found = static(tests)

    assert [(each["code"], each["where"]) for each in found] == [
        ("assertions_never_run", [f"T.{name}"])
    ]


def test_an_inner_function_that_is_never_called_is_found() -> None:
    lines = ("self.assertEqual(add(1, 2), 3)", "def inner():", "    assert add(0, 0) == 0")

    (found,) = static(source_with(*lines))
    assert (found["code"], found["where"]) == ("assertions_never_run", ["T.test_a.inner"])
    assert static_codes(*lines, "inner()") == []


@pytest.mark.parametrize(
    "used",
    [
        "    def test_b(self):\n        self.check(1)\n",
        "    def setUp(self):\n        self.check(1)\n",
        "    def test_b(self):\n        getattr(self, 'check')(1)\n",
        "    test_b = check\n",
        "    def test_b(self):\n        for each in (self.check,):\n            each(1)\n",
    ],
)
def test_assertions_in_functions_that_tests_use_do_run(used: str) -> None:
    tests = source_with("self.assertEqual(add(1, 2), 3)")
    tests += f"    def check(self, n=1):\n        self.assertEqual(add(n, 2), 3)\n{used}"

    assert static(tests) == []


@pytest.mark.parametrize("base", ["Checks, unittest.TestCase", "Checks"])
def test_inherited_tests_do_run(base: str) -> None:
    parent = "unittest.TestCase" if base == "Checks" else "object"
    tests = (
        f"import unittest\n\n\nclass Checks({parent}):\n    def test_a(self):\n"
        f"        self.assertEqual(1, 1)\n\n\nclass T({base}):\n    pass\n"
    )

    assert static(tests) == []


TOTAL = (
    "def total(prices):\n    result = 0\n    for p in prices:\n        result += p\n"
    "    return result\n"
)
MEAN = "def mean(numbers):\n    return sum(numbers) / len(numbers)\n"
CELSIUS = "def celsius(f):\n    return (f - 32) * 5 / 9\n"
ROUNDED = "def price(n):\n    return round(n * 0.1 + 0.2, 2)\n"
LARGEST = "def largest(numbers):\n    return max(numbers)\n"


@pytest.mark.parametrize(
    ("solution", "line", "codes"),
    [
        (TOTAL, "self.assertEqual(total([0.1, 0.2, 0.3]), 0.6000000000000001)", ["float_equality"]),
        (TOTAL, "self.assertEqual(total([1.1, 2.2]), 3.3000000000000003)", ["float_equality"]),
        (TOTAL, "assert [total([0.1] * 3)] == [0.30000000000000004]", ["float_equality"]),
        (TOTAL, "self.assertTrue(total([0.1, 0.2]) == 0.30000000000000004)", ["float_equality"]),
        (TOTAL, "sums = {0.30000000000000004: [0.1, 0.2]}", ["float_equality"]),
        (TOTAL, "self.assertAlmostEqual(total([0.30000000000000004]), 0.3)", []),
        (TOTAL, "self.assertEqual(total([0.1, 0.3]), 0.4)", ["float_equality_fragile"]),
        (CELSIUS, "self.assertEqual(celsius(98.6), 37.0)", ["float_equality_fragile"]),
        (TOTAL, "self.assertEqual(total([0.5, 0.25]), 0.75)", []),
        (TOTAL, "self.assertEqual(total([1, 2]), 3.0)", []),
        (TOTAL, "self.assertAlmostEqual(total([0.1, 0.2]), 0.3)", []),
        (MEAN, "self.assertEqual(mean([1, 2, 2]), 1.6666666666666667)", []),
        (MEAN, "self.assertEqual(mean([1, 2]), 1.5)", []),
        (CELSIUS, "self.assertEqual(celsius(212), 100.0)", []),
        (ROUNDED, "self.assertEqual(price(1), 0.3)", []),
        (LARGEST, "self.assertEqual(largest([0.1, 2.2]), 2.2)", []),
    ],
)
def test_only_exact_equality_of_inexact_results_is_found(
    solution: str, line: str, codes: list[str]
) -> None:
    found = float_findings(job(solution, source_with(line)))

    assert [finding["code"] for finding in found] == codes


FACTORIALS = [
    "self.assertEqual(factorial(0), 1)",
    "self.assertEqual(factorial(5), 120)",
    "self.assertEqual(factorial(10), 3628800)",
]
TABLE = "def factorial(n):\n    return {0: 1, 5: 120, 10: 3628800}"
CHAIN = (
    "def factorial(n):\n    if n == 0:\n        return 1\n    if n == 5:\n        return 120\n"
    "    if n == 10:\n        return 3628800\n"
)
MATCH = (
    "def factorial(n):\n    match n:\n        case 0:\n            return 1\n        case 5:\n"
    "            return 120\n        case 10:\n            return 3628800\n"
)


@pytest.mark.parametrize(
    "solution",
    [
        f"{TABLE}.get(n, 0)\n",
        f"{TABLE}[n]\n",
        "KNOWN = {0: 1, 5: 120, 10: 3628800}\n\n\ndef factorial(n):\n    return KNOWN.get(n)\n",
        CHAIN,
        MATCH,
        TABLE.replace("    return", "    if n in (0, 5, 10):\n        return") + "[n]\n",
    ],
    ids=["default", "index", "constant", "chain", "match", "membership"],
)
def test_a_table_of_the_tests_inputs_is_found(solution: str) -> None:
    found = hard_coded(job(solution, source_with(*FACTORIALS)))

    assert [(each["code"], each["where"]) for each in found] == [
        ("hard_coded_solution", ["factorial"])
    ]


def test_a_table_of_lists_or_several_arguments_is_found() -> None:
    solution = (
        "def total(a, b):\n    known = {(1, 2): 3, (4, 9): 13, (5, 5): 10}\n"
        "    return known.get((a, b), 0)\n"
    )
    lines = [f"self.assertEqual(total({a}, {b}), {a + b})" for a, b in [(1, 2), (4, 9), (5, 5)]]

    assert hard_coded(job(solution, source_with(*lines)))


def test_a_function_that_knows_some_inputs_only_is_suspected() -> None:
    solution = "def is_palindrome(text):\n    return text in ('level', 'noon')\n"
    cases = {"level": True, "noon": True, "hello": False, "": False}
    lines = [f"self.assertIs(is_palindrome({text!r}), {is_one})" for text, is_one in cases.items()]

    found = hard_coded(job(solution, source_with(*lines), "Is it the same in reverse?"))

    assert [each["code"] for each in found] == ["hard_coded_solution_suspected"]


LIGHTS = (
    "def following(light):\n"
    "    return {'red': 'green', 'green': 'yellow', 'yellow': 'red'}[light]\n"
)
DAYS = "def day(n):\n    return {1: 'Mo', 2: 'Tu', 3: 'We', 4: 'Th', 5: 'Fr'}.get(n)\n"
BASE_CASES = (
    "def factorial(n):\n    if n in (0, 1):\n        return 1\n    return n * factorial(n - 1)\n"
)
CACHED = "CACHE = {0: 1}\n\n\n" + BASE_CASES


@pytest.mark.parametrize(
    ("solution", "lines", "text"),
    [
        (
            LIGHTS,
            [f"self.assertTrue(following('{light}'))" for light in ("red", "green", "yellow")],
            "After red comes green, after green yellow, after yellow red.",
        ),
        (DAYS, [f"self.assertTrue(day({n}))" for n in range(1, 6)], "Return the short name."),
        (BASE_CASES, FACTORIALS, "Return n!."),
        (CACHED, FACTORIALS, "Return n!."),
    ],
    ids=["the text's own rules", "consecutive numbers", "base cases", "cache"],
)
def test_a_table_that_the_task_asks_for_is_left_alone(
    solution: str, lines: list[str], text: str
) -> None:
    assert (hard_coded(job(solution, source_with(*lines), text))) == []


def checked(sandbox: Sandbox, solution: str, tests: str, text: str) -> Evidence:
    starter = "def " + solution.partition("def ")[2].partition("\n")[0] + "\n    pass\n"
    check = PythonCheck(kind="python", starter=starter, solution=solution, tests=tests, text=text)
    return with_review(check_python(check, sandbox), check, sandbox)


def test_an_example_that_contradicts_the_solution_rejects_the_draft(
    python_sandbox: Sandbox,
) -> None:
    tests = source_with("self.assertEqual(add(1, 2), 3)", "self.assertEqual(add(-4, 2), -2)")

    evidence = checked(python_sandbox, ADD, tests, "<pre>add(2, 2)  # 5</pre>")

    (reason,) = evidence.reasons
    assert (evidence.verdict, evidence.fault) == (Verdict.REJECTED, RepairTarget.SOLUTION)
    assert reason.code is FindingCode.EXAMPLE_CONTRADICTS
    assert dict(reason.params) == {"call": "add(2, 2)", "stated": "5", "actual": "4"}


def test_a_mistake_in_the_tests_is_repaired_there(python_sandbox: Sandbox) -> None:
    tests = source_with("self.assertEqual(add(1, 2), 3)", "self.assertEqual(add(-4, 2), -2)")
    tests += "    def check_zero(self):\n        self.assertEqual(add(0, 0), 0)\n"

    evidence = checked(python_sandbox, ADD, tests, TEXT)

    assert [reason.code for reason in evidence.reasons] == [FindingCode.ASSERTIONS_NEVER_RUN]
    assert (evidence.verdict, evidence.fault) == (Verdict.REJECTED, RepairTarget.TESTS)


def test_what_the_text_does_not_state_is_a_blocking_doubt(python_sandbox: Sandbox) -> None:
    solution = (
        "def add(a, b):\n    if a < 0:\n        raise ValueError('too small')\n    return a + b\n"
    )
    tests = source_with(
        "self.assertEqual(add(1, 2), 3)",
        "self.assertEqual(add(0, 2), 2)",
        "with self.assertRaisesRegex(ValueError, 'too small'):",
        "    add(-1, 2)",
    )

    evidence = checked(python_sandbox, solution, tests, TEXT)

    assert evidence.verdict is Verdict.VERIFIED
    blocking = [doubt.code for doubt in evidence.doubts if doubt.blocking]
    assert FindingCode.MESSAGE_NOT_IN_TEXT in blocking


@pytest.mark.parametrize(
    "text", ["<pre>spin()  # 1</pre>", "<pre>add(1, 2)  # 3\nspin()  # 1</pre>"]
)
def test_examples_that_do_not_end_are_a_blocking_doubt(python_sandbox: Sandbox, text: str) -> None:
    endless = ADD + "\n\ndef spin():\n    while True:\n        pass\n"
    tests = source_with("self.assertEqual(add(1, 2), 3)", "self.assertEqual(add(-4, 2), -2)")

    evidence = checked(python_sandbox, endless, tests, text)

    assert (FindingCode.NOT_FINISHED, True) in [(d.code, d.blocking) for d in evidence.doubts]


def test_a_forged_finding_cannot_replace_its_own_fields() -> None:
    forged = {"code": "trailing_blanks", "where": [], "params": {"blocking": "no"}}

    with pytest.raises(ValidationError, match="reserved names"):
        ReviewFinding.model_validate(forged)
