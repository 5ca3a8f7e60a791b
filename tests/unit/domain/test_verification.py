"""Tests which part of a rejected draft is repaired."""

import pytest

from coursewright.domain.evidence import RepairTarget
from coursewright.domain.verification import repair_at


@pytest.mark.parametrize(
    ("fault", "attempt", "target"),
    [
        (RepairTarget.TESTS, 0, RepairTarget.TESTS),
        (RepairTarget.TESTS, 1, RepairTarget.SOLUTION),
        (RepairTarget.SOLUTION, 0, RepairTarget.SOLUTION),
        (RepairTarget.SOLUTION, 1, RepairTarget.TESTS),
        (RepairTarget.SOLUTION, 2, RepairTarget.NONE),
        (RepairTarget.NONE, 0, RepairTarget.NONE),
    ],
)
def test_the_part_at_fault_is_repaired_first_and_the_other_one_second(
    fault: RepairTarget, attempt: int, target: RepairTarget
) -> None:
    assert repair_at(fault, attempt) is target
