"""Tests runs with two faults, and how the second fault is chosen."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.drill import pool
from tests.drill.cases import Case, doubt_seen
from tests.drill.fault_points import ANSWER, Fault, Mode, Point
from tests.drill.pairs import joined, pairs_of, two_faults
from tests.drill.scenarios import MAIN

RUNS = 8
FIRST = Point("write_tests", "{}", 1, 3, "dynamodb:GetItem")
LATER = Point("write_tests", "{}", 1, 7, "dynamodb:PutItem")


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(
    max_examples=RUNS,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=tuple(HealthCheck),
)
@given(data=st.data())
def test_two_crashes_change_no_stored_data(cases: list[Case], data: st.DataObject) -> None:
    case = data.draw(pairs_of(cases))

    result = pool.run_case(case)

    assert (str(case), result.is_clean, result.differences) == (str(case), True, ())


def test_a_crashed_invocation_crashes_again_when_repeated() -> None:
    first, later = (Case(MAIN, (Fault(point, Mode.AFTER),)) for point in (FIRST, LATER))

    pair = joined(first, later)

    assert [fault.point.occurrence for fault in pair.faults] == [1, 2]


def test_an_invocation_that_lost_a_response_continues() -> None:
    first, later = (Case(MAIN, (Fault(point, Mode.LOST),)) for point in (FIRST, LATER))

    pair = joined(first, later)

    assert [fault.point.occurrence for fault in pair.faults] == [1, 1]


def test_unknown_outcomes_are_found_in_recorded_requests() -> None:
    calls = ["dynamodb:GetItem", "model call", "dynamodb:TransactWriteItems", ANSWER]
    seen = [Point("write_tests", "{}", 2, at, call) for at, call in enumerate(calls, start=1)]

    doubted = [
        (point.number, mode)
        for point in seen
        for mode in Mode
        if doubt_seen([Fault(point, mode)], seen[: point.number])
    ]

    assert doubted == [(2, Mode.AFTER), (2, Mode.LOST), (3, Mode.BEFORE)]


def test_the_same_seed_chooses_the_same_pairs() -> None:
    points = [Point("write_tests", "{}", 1, at, "dynamodb:GetItem") for at in range(1, 60)]
    cases = [Case(MAIN, (Fault(point, mode),)) for point in points for mode in Mode]

    chosen = [two_faults(cases, 20, number) for number in (6, 6, 7)]

    assert chosen[0] == chosen[1] != chosen[2]
    assert 10 <= len(chosen[0]) <= 20
