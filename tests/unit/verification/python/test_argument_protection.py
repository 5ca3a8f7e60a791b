"""A solution must not change an argument that the text protects, whatever the language."""

import pytest

from coursewright.domain.evidence import FindingCode, RepairTarget, Verdict
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.argument_protection import forbids_changes
from coursewright.verification.python.check import check_python
from coursewright.verification.sandbox.worker_pool import Sandbox

CHANGING = "def ordered(values):\n    values.sort()\n    return values\n"
COPYING = "def ordered(values):\n    return sorted(values)\n"
TESTS = (
    "import unittest\nfrom solution import ordered\n\nclass T(unittest.TestCase):\n"
    "    def test_a(self):\n        self.assertEqual(ordered([3, 1, 2]), [1, 2, 3])\n"
    "    def test_b(self):\n        self.assertEqual(ordered([]), [])\n"
    "    def test_c(self):\n        self.assertEqual(ordered([2, 2, 1]), [1, 2, 2])\n"
)


def draft(solution: str, text: str) -> PythonCheck:
    return PythonCheck(kind="python", starter="", solution=solution, tests=TESTS, text=text)


@pytest.mark.parametrize(
    "text",
    [
        "Return a new sorted list. The list that was given must not be changed.",
        "<p>Sort the values <em>without</em> modifying the list.</p>",
        "The original list stays unchanged.",
        "Don't mutate the argument.",
        "`ordered` returns a new list with the values in order.",
        "Die übergebene Liste darf nicht verändert werden.",
        "Sortiere die Werte, ohne die Liste zu verändern.",
        "Die Eingabe bleibt unverändert.",
        "Die Funktion gibt eine neue Liste zurück.",
        "Исходный список не должен изменяться.",
        "Не изменяйте переданный список.",
        "Отсортируйте значения без изменения исходного списка.",
        "Список остаётся неизменным.",
        "Функция возвращает новый список.",
    ],
)
def test_a_text_protects_arguments(text: str) -> None:
    assert forbids_changes(text)


@pytest.mark.parametrize(
    "text",
    [
        "Sort the list in place.",
        "Do not change the name of the function.",
        "Return the sorted values of the list.",
        "Each value changes the total.",
        "Sortiere die Liste.",
        "Ändere die Signatur nicht.",
        "Отсортируйте список на месте.",
        "Не меняйте имя функции.",
    ],
)
def test_a_text_does_not_protect_arguments(text: str) -> None:
    assert not forbids_changes(text)


def test_a_solution_that_changes_a_protected_argument_is_rejected_with_the_values(
    python_sandbox: Sandbox,
) -> None:
    text = "Return a new sorted list. The list that was given must not be changed."

    changing = check_python(draft(CHANGING, text), python_sandbox)
    copying = check_python(draft(COPYING, text), python_sandbox)

    (reason,) = changing.reasons
    assert reason.code is FindingCode.ARGUMENT_CHANGED
    assert reason.params == {"call": "ordered([2, 2, 1])", "left": "([1, 2, 2])"}
    assert changing.fault is RepairTarget.SOLUTION
    assert copying.verdict is Verdict.VERIFIED


def test_tests_that_never_look_at_a_changed_argument_are_too_weak(
    python_sandbox: Sandbox,
) -> None:
    evidence = check_python(draft(CHANGING, "Return the values in order."), python_sandbox)

    assert {reason.code for reason in evidence.reasons} == {FindingCode.TESTS_TOO_WEAK}
    assert "leaves its arguments as unchanged" in evidence.mutants.survivors[0]


def test_tests_that_look_at_the_argument_are_strong_enough(python_sandbox: Sandbox) -> None:
    looks = (
        "    def test_same(self):\n        values = [2, 1]\n"
        "        self.assertIs(ordered(values), values)\n"
        "        self.assertEqual(values, [1, 2])\n"
    )
    check = draft(CHANGING, "Sort the list in place and return it.")

    evidence = check_python(check.model_copy(update={"tests": TESTS + looks}), python_sandbox)

    assert evidence.verdict is Verdict.VERIFIED
