"""Missed goals are visible to people and programs."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from rich.console import Console

from tests.benchmarks.__main__ import _printing_into, main, run_apart
from tests.benchmarks.report import (
    Figure,
    Report,
    percentile,
    read,
    several,
    show,
    show_all,
    write,
    write_all,
)

SLOW = Figure(name="a check", value="40 ms", must_be="≤ 20 ms", holds=False)
FACT = Figure(name="drafts", value="164")


def test_one_missed_goal_is_enough() -> None:
    report = Report(part="verify", figures=[FACT, SLOW])

    assert report.holds is False
    assert Report(part="verify", figures=[FACT]).holds is True


def test_a_report_is_printed_with_its_lists() -> None:
    console = Console(record=True, width=120)

    show(Report(part="verify", figures=[SLOW], details={"survivors": ["x < [1]"]}), console)

    text = console.export_text()
    assert "MISSED" in text
    assert "x < [1]" in text


def test_a_report_is_written_with_machine_and_date(tmp_path: Path) -> None:
    out = write(Report(part="verify", figures=[SLOW], ratios={"twice": 2.0}), tmp_path)

    stored = json.loads(out.read_text("utf-8"))
    assert stored["machine"]["cores"] >= 1
    assert stored["date"].endswith("+00:00")
    assert stored["ratios"] == {"twice": 2.0}


def test_an_unknown_part_is_named() -> None:
    assert main(["no such part"]) == 2


def test_a_percentile_lies_between_its_neighbours() -> None:
    assert percentile([float(n) for n in range(101)], 95) == 95.0


def test_several_runs_are_shown_by_their_median_and_their_spread() -> None:
    assert several([1_200.0, 900.0, 1_000.0], "ms", 0) == "1,000 ms (900–1,200 in 3 runs)"


def test_all_parts_share_one_table_of_goals_with_ratios_and_reasons() -> None:
    console = Console(record=True, width=160)
    short = SLOW.model_copy(update={"ratio": 2.0, "why": "the clock of [this] machine"})

    show_all(
        [Report(part="verify", figures=[FACT, short]), Report(part="cold", figures=[])], console
    )

    text = console.export_text()
    assert "2.00" in text
    assert "MISSED the clock of [this] machine" in text
    assert "drafts" not in text


def test_a_written_report_is_read_again(tmp_path: Path) -> None:
    report = Report(part="verify", figures=[SLOW])
    write(report, tmp_path)
    together = json.loads(write_all([report], tmp_path).read_text("utf-8"))

    assert read("verify", tmp_path) == report
    assert together["holds"] is False
    assert together["parts"][0]["part"] == "verify"


def test_what_functions_log_does_not_mix_with_the_table(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with _printing_into(tmp_path / "part.log"):
        os.write(1, b'{"_aws": {}}')

    assert capfd.readouterr().out == ""
    assert (tmp_path / "part.log").read_text("utf-8") == '{"_aws": {}}'


def test_a_part_that_crashes_misses_its_goal(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = subprocess.CompletedProcess([], 1, "", "Traceback …\nValueError: no table")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: broken)

    report = run_apart("cold")

    assert report.holds is False
    assert report.figures[0].value == "ValueError: no table"
