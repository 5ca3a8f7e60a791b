"""Tests the report on several runs with three models in parallel."""

import pytest

from tests.benchmarks.agents_run import ParallelRun, report

LOOP = [2.0] * 33


def test_the_time_is_the_median_and_the_loop_the_sum_of_its_calls() -> None:
    runs = [ParallelRun(seconds, 6.0, 33, 0) for seconds in (6.0, 6.3, 12.0)]

    found = report(runs, LOOP)

    assert found.holds
    assert found.figures[2].ratio == pytest.approx(1.05)
    assert found.ratios["sequential loop ÷ three models in parallel"] == pytest.approx(66 / 6.3)


@pytest.mark.parametrize("odd", [ParallelRun(6.0, 6.0, 34, 0), ParallelRun(6.0, 6.0, 33, 1)])
def test_one_run_that_pays_for_a_call_more_falls_short(odd: ParallelRun) -> None:
    runs = [ParallelRun(6.0, 6.0, 33, 0), odd, ParallelRun(6.0, 6.0, 33, 0)]

    assert not report(runs, LOOP).holds
