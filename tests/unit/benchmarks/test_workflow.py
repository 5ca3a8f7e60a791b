"""Tests the calculations of the workflow benchmark."""

from tests.benchmarks.workflow import report
from tests.benchmarks.workflow_run import Duration, path_seconds


def test_the_path_is_the_longest_way_through_models_and_drafts() -> None:
    by_function = {
        ("start_generation", "", ""): 1.0,
        ("write_conditions", "a", ""): 1.0,
        ("write_tests", "a", "a/1"): 2.0,
        ("write_solution", "a", "a/1"): 3.0,
        ("verify_draft", "a", "a/1"): 1.0,
        ("write_tests", "a", "a/2"): 5.0,
        ("write_solution", "a", "a/2"): 1.0,
        ("verify_draft", "a", "a/2"): 0.5,
        ("write_conditions", "b", ""): 2.0,
        ("write_tests", "b", "b/1"): 1.0,
        ("write_solution", "b", "b/1"): 1.0,
        ("verify_draft", "b", "b/1"): 1.0,
        ("request_review", "", ""): 10.0,
    }

    seconds = path_seconds(by_function)

    assert seconds == 1 + (1 + 5 + 0.5) + 10


def test_a_missed_goal_reports_where_the_time_went() -> None:
    times = {cell: [Duration(8.0, 3.0, 0.2)] * 5 for cell in ((1, 5), (3, 5))}

    figures = report(
        times,
        loops=[66.0] * 5,
        slow=[Duration(21.0, 3.0, 0.2)] * 5,
        checked=[Duration(9.0, 3.0, 0.2)] * 5,
    ).figures

    clock, alone, slow = figures[:3]
    assert clock.mark.startswith("MISSED")
    assert "3.0 s of computing, of which the mail waited for 0.2 s" in clock.mark
    assert (alone.ratio, alone.holds) == (1.05, True)
    assert (slow.ratio, slow.holds) == (1.05, True)
