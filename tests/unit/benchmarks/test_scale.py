"""Tests the scaling report: figures with their spread, and growth exponents."""

from typing import Any

import pytest

from tests.benchmarks.scale import report


def a_run(number: int, seconds: float) -> dict[str, Any]:
    computing = {"cloud_seconds": 1.0, "functions_seconds": 2.0, "sandbox_seconds": seconds}
    return {
        **{"kind": "review", "number": number, "load": 1.0},
        **{"started_seconds": seconds / 2, "reviewed_seconds": seconds},
        **{"computing_seconds": sum(computing.values()), **computing},
        **{"mb_before": 1_000.0, "mb_highest": 1_000.0 + number},
    }


def test_many_runs_are_shown_by_their_median_and_their_spread() -> None:
    small, large = [a_run(10, seconds) for seconds in (9.0, 10.0, 30.0)], [a_run(100, 100.0)] * 3

    found = report([small, large], [small, large])

    values = {figure.name: figure.value for figure in found.figures}
    assert values["10 generations to review"].startswith("10.0 s (9.0–30.0 in 3 runs)")
    assert values["100 generations to review"].startswith("100.0 s (100.0–100.0 in 3 runs)")
    assert found.ratios["exponent, review"] == pytest.approx(1.0)
    assert found.ratios["exponent, memory"] == pytest.approx(1.0)
    assert found.details["CPU time by process level"][0] == (
        "10 generations: cloud 1 s, functions 2 s, sandbox 10 s"
    )


def test_growth_beyond_linear_misses_the_goal() -> None:
    sizes = [[a_run(10, 10.0)], [a_run(100, 1_000.0)]]

    found = report(sizes, sizes)

    assert not found.holds
    assert found.ratios["exponent, review"] == pytest.approx(2.0)
