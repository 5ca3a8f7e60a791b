"""Benchmark reports: figures with their goals, printed as tables and stored as JSON."""

import json
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.markup import escape
from rich.table import Table

BUILD = Path(__file__).parents[2] / "build" / "bench"


class Figure(BaseModel):
    """One measured value, optionally with a goal and whether it is met.

    `ratio` is the value as a plain number if it is a ratio; `why` explains a missed goal.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    value: str
    must_be: str = ""
    holds: bool | None = None
    ratio: float | None = None
    why: str = ""

    @property
    def mark(self) -> str:
        """Whether the goal is met, as a word, followed by the reason if it is missed."""
        if self.holds is None:
            return ""
        return "met" if self.holds else f"MISSED {self.why}".strip()


class Report(BaseModel):
    """All figures of one part, with explanations and ratios."""

    model_config = ConfigDict(frozen=True)

    part: str
    figures: list[Figure]
    ratios: dict[str, float] = {}
    details: dict[str, list[str]] = {}

    @property
    def holds(self) -> bool:
        """Whether all goals are met; an empty report is a failure."""
        return bool(self.figures) and all(figure.holds is not False for figure in self.figures)


def machine() -> dict[str, Any]:
    """Describe this machine, because figures from different machines are not comparable."""
    models = Path("/proc/cpuinfo")
    lines = models.read_text("utf-8").splitlines() if models.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
    }


def percentile(values: Sequence[float], share: int) -> float:
    """Return a percentile of the measured values."""
    return quantiles(values, n=100, method="inclusive")[share - 1]


def several(values: Sequence[float], unit: str, digits: int = 1) -> str:
    """Format the values of several runs as their median, range and count."""
    middle, low, high = (
        f"{value:,.{digits}f}" for value in (median(values), min(values), max(values))
    )
    return f"{middle} {unit} ({low}–{high} in {len(values)} runs)"


def show(report: Report, console: Console) -> None:
    """Print a report as a table, followed by its explanations."""
    table = Table(title=f"{report.part}: {_place()}", title_justify="left")
    for column in ("figure", "value", "goal", "met?"):
        table.add_column(column, overflow="fold")
    for figure in report.figures:
        table.add_row(figure.name, figure.value, figure.must_be, figure.mark)
    for name, ratio in report.ratios.items():
        table.add_row(f"ratio: {name}", f"{ratio:.2f}")
    console.print(table)
    for title, lines in report.details.items():
        console.print(f"{title}: {len(lines)}", style="bold", markup=False)
        for line in lines:
            console.print(f"  {line}", markup=False, highlight=False)


def show_all(reports: Sequence[Report], console: Console) -> None:
    """Print the goals of all parts in one table."""
    table = Table(title=_place(), title_justify="left")
    for column in ("part", "figure", "goal", "measured", "ratio", "met?"):
        table.add_column(column, overflow="fold")
    for report in reports:
        for figure in (figure for figure in report.figures if figure.must_be):
            ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
            row = (report.part, figure.name, figure.must_be, figure.value, ratio, figure.mark)
            table.add_row(*map(escape, row))
        table.add_section()
    console.print(table)


def write(report: Report, folder: Path = BUILD) -> Path:
    """Write a report as JSON, with the machine and the date."""
    return _write(report.part, report.model_dump(mode="json"), folder)


def write_all(reports: Sequence[Report], folder: Path = BUILD) -> Path:
    """Write the reports of all parts into one file."""
    parts = [report.model_dump(mode="json") for report in reports]
    return _write("all", {"holds": all(report.holds for report in reports), "parts": parts}, folder)


def read(part: str, folder: Path = BUILD) -> Report:
    """Read a stored report."""
    found = json.loads((folder / f"{part}.json").read_text("utf-8"))
    return Report.model_validate({name: found[name] for name in Report.model_fields})


def _write(name: str, content: dict[str, Any], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    when = datetime.now(UTC).isoformat(timespec="seconds")
    facts = {"date": when, "machine": machine(), **content}
    out = folder / f"{name}.json"
    out.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return out


def _place() -> str:
    facts = machine()
    when = datetime.now(UTC).date().isoformat()
    return f"{facts['processor']}, {facts['cores']} cores, Python {facts['python']}, {when}"
