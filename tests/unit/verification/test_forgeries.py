"""Forged results are never verified, whatever is mutated at random in a check."""

from itertools import cycle, islice

import pytest

from coursewright.domain.evidence import Verdict
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.check import check_python
from coursewright.verification.sandbox.worker_pool import Sandbox
from tests.forgeries import HONEST, KINDS, STARTER, TESTS

TRIES = 128


def draft(solution: str) -> PythonCheck:
    return PythonCheck(kind="python", starter=STARTER, solution=solution, tests=TESTS)


def verified(kind: str, tries: int, sandbox: Sandbox) -> list[str]:
    names = islice(cycle(KINDS[kind].items()), tries)
    return [
        name
        for name, solution in names
        if check_python(draft(solution), sandbox).verdict is Verdict.VERIFIED
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_forgery_is_not_verified(kind: str, python_sandbox: Sandbox) -> None:
    assert verified(kind, len(KINDS[kind]), python_sandbox) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_forgery_is_verified_in_128_tries(kind: str, python_sandbox: Sandbox) -> None:
    assert verified(kind, TRIES, python_sandbox) == []


def test_an_honest_draft_with_the_same_tests_is_verified(python_sandbox: Sandbox) -> None:
    assert check_python(draft(HONEST), python_sandbox).verdict is Verdict.VERIFIED
