"""A figure that falls short is seen by people and by programs."""

import json
from pathlib import Path

from rich.console import Console

from tests.benchmarks.__main__ import main
from tests.benchmarks.report import Figure, Report, percentile, show, write

SLOW = Figure(name="a check", value="40 ms", must_be="≤ 20 ms", holds=False)
FACT = Figure(name="drafts", value="164")


def test_one_figure_that_falls_short_is_enough() -> None:
    report = Report(part="verify", figures=[FACT, SLOW])

    assert report.holds is False
    assert Report(part="verify", figures=[FACT]).holds is True


def test_a_report_is_printed_with_its_lists() -> None:
    console = Console(record=True, width=120)

    show(Report(part="verify", figures=[SLOW], details={"survivors": ["x < [1]"]}), console)

    text = console.export_text()
    assert "FALLS SHORT" in text
    assert "x < [1]" in text


def test_a_report_is_written_with_machine_and_date(tmp_path: Path) -> None:
    out = write(Report(part="verify", figures=[SLOW], ratios={"twice": 2.0}), tmp_path)

    kept = json.loads(out.read_text("utf-8"))
    assert kept["machine"]["cores"] >= 1
    assert kept["date"].endswith("+00:00")
    assert kept["ratios"] == {"twice": 2.0}


def test_an_unknown_part_is_named() -> None:
    assert main(["no such part"]) == 2


def test_a_percentile_lies_between_its_neighbours() -> None:
    assert percentile([float(n) for n in range(101)], 95) == 95.0
