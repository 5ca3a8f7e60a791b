"""What a check leaves out depends on fuel alone, not on which job ends first."""

from threading import Event
from typing import NamedTuple

import pytest

from coursewright.verification.sandbox.fuel import LOOK_AHEAD, FuelBudget


class Result(NamedTuple):
    number: int
    fuel: int


def test_everything_is_done_within_the_budget() -> None:
    budget = FuelBudget(100)

    results = budget.map_in_order(lambda n: Result(n, 5), range(10), workers=2)

    assert [result.number for result in results] == list(range(10))
    assert budget.is_spent is False


@pytest.mark.parametrize("last", ["first", "second"])
def test_the_same_items_are_left_whichever_job_ends_last(last: str) -> None:
    budget, others = FuelBudget(10), Event()
    waiting = 0 if last == "first" else 1

    def work(number: int) -> Result:
        if number == waiting:
            others.wait(0.05)
        return Result(number, 10)

    results = budget.map_in_order(work, range(20), workers=2)

    assert len(results) == LOOK_AHEAD
    assert budget.is_spent is True


def test_nothing_is_started_without_fuel() -> None:
    budget = FuelBudget(10)
    budget.charge(10)

    results = budget.map_in_order(lambda n: Result(n, 1), range(3), workers=2)

    assert results == []
