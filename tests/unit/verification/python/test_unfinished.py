"""What was not checked is a doubt that a person must confirm, never a full score."""

import pytest

from coursewright.domain.evidence import Cause, Evidence, FindingCode, Verdict
from coursewright.verification.differential_host import compare_solutions
from coursewright.verification.python import mutation_score
from coursewright.verification.python.check import check_python
from coursewright.verification.sandbox.worker_pool import Sandbox
from tests.unit.verification.python.test_mutation_score import STRONG, WEAK, draft

NOT_FINISHED, NO_MUTANTS = FindingCode.NOT_FINISHED, FindingCode.NO_MUTANTS
ABSOLUTE = "grade = abs\n"
ABSOLUTE_TESTS = (
    "    def test_both_signs(self):\n"
    "        self.assertEqual(grade(-2), 2)\n        self.assertEqual(grade(2), 2)\n"
)


def doubts(evidence: Evidence) -> list[tuple[FindingCode, object]]:
    return [(doubt.code, doubt.params["cause"]) for doubt in evidence.doubts if doubt.blocking]


def limited(sandbox: Sandbox, **limits: int) -> Sandbox:
    made = sandbox.for_one_check()
    made.limits = made.limits.model_copy(update=limits)
    return made


def test_a_solution_without_mutants_leaves_the_strength_of_its_tests_in_doubt(
    python_sandbox: Sandbox,
) -> None:
    evidence = check_python(draft(ABSOLUTE_TESTS, ABSOLUTE), python_sandbox)

    assert evidence.verdict is Verdict.VERIFIED
    assert doubts(evidence) == [(NO_MUTANTS, Cause.NOTHING_TO_MUTATE)]


def test_mutants_that_all_behave_like_the_solution_are_in_doubt_too(
    python_sandbox: Sandbox,
) -> None:
    solution = "def grade(points):\n    unused = 1\n    yield from ()\n"
    tests = "    def test_nothing(self):\n        self.assertEqual(list(grade(1)), [])\n"

    evidence = check_python(draft(tests, solution), python_sandbox)

    assert (NO_MUTANTS, Cause.ALL_EQUIVALENT) in doubts(evidence)


def test_mutants_left_for_lack_of_fuel_are_named(python_sandbox: Sandbox) -> None:
    evidence = check_python(draft(STRONG), limited(python_sandbox, check_fuel=1))

    assert evidence.verdict is Verdict.VERIFIED
    assert (NOT_FINISHED, Cause.MUTANTS_LEFT) in doubts(evidence)


def test_survivors_that_could_not_be_tried_with_other_values_are_named(
    python_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mutation_score, "FUZZ_FUEL", 1_000_000)

    evidence = check_python(draft(WEAK), python_sandbox)

    assert (NOT_FINISHED, Cause.INPUTS_LEFT) in doubts(evidence)


def test_solutions_that_never_finish_are_not_compared(python_sandbox: Sandbox) -> None:
    endless = "def grade(points):\n    while True:\n        pass\n"
    check = draft(STRONG).model_copy(update={"reference": endless})

    compared = compare_solutions(check, limited(python_sandbox, max_fuel=500_000_000))

    assert compared.differences == ()
    assert [doubt.params["cause"] for doubt in compared.doubts] == [Cause.NOT_COMPARED]
