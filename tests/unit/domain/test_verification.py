"""Who mends a draft that the sandbox rejected."""

import pytest

from coursewright.domain.verification import Repair, repair_at


@pytest.mark.parametrize(
    ("fault", "attempt", "who"),
    [
        ("tests", 0, Repair.TESTS),
        ("tests", 1, Repair.SOLUTION),
        ("solution", 0, Repair.SOLUTION),
        ("solution", 1, Repair.TESTS),
        ("solution", 2, Repair.NONE),
        ("starter", 0, Repair.NONE),
        ("none", 0, Repair.NONE),
    ],
)
def test_the_side_at_fault_mends_first_and_the_other_one_second(
    fault: str, attempt: int, who: Repair
) -> None:
    assert repair_at(fault, attempt) is who
