"""The drill's crash report, as text and as JSON."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.drill.cases import Result
from tests.drill.fault_points import Point


@dataclass
class Tally:
    """A drill's totals."""

    runs: int = 0
    redrives: int = 0
    longest: float = 0
    points: dict[str, set[Point]] = field(default_factory=dict)
    by_mode: Counter[tuple[str, str]] = field(default_factory=Counter)
    differing: Counter[tuple[str, str]] = field(default_factory=Counter)
    both_struck: int = 0
    paid_again: int = 0
    doubtful: Counter[str] = field(default_factory=Counter)
    doubled: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0
    cpu_seconds: float = 0
    was_interrupted: bool = False

    @property
    def is_clean(self) -> bool:
        """Whether no run differed from the faultless one."""
        return self.runs > 0 and not self.differing

    def add(self, result: Result) -> None:
        """Count a run."""
        case, cloud = result.case, result.cloud
        self.runs += 1
        self.redrives += result.redrives
        self.longest = max(self.longest, result.seconds)
        self.points.setdefault(cloud, set()).update(fault.point for fault in case.faults)
        mode = "two faults" if len(case.faults) > 1 else case.faults[0].mode.value
        self.by_mode[cloud, mode] += 1
        self.both_struck += result.struck > 1
        if not result.is_clean:
            self.differing[cloud, mode] += 1
            problem = {"cloud": cloud, "faults": str(case), "differences": result.differences}
            self.problems.append(problem)
        if case.doubt:
            self.doubtful[case.doubt] += 1
            self.doubled[case.doubt] += result.paid_again + len(result.differences)
        else:
            self.paid_again += result.paid_again


def print_report(console: Console, tally: Tally) -> None:
    """Print the faults and their outcomes."""
    console.print(_table(tally))
    for cloud, points in tally.points.items():
        console.print(f"{cloud}: {len(points)} crash points")
    if tally.both_struck:
        console.print(f"both faults occurred in {tally.both_struck} of the runs with two faults")
    console.print(
        f"{tally.runs} runs, {tally.redrives} redrives,"
        f" {sum(tally.differing.values())} with differences,"
        f" {tally.paid_again} model calls paid twice;"
        f" {tally.seconds:.0f} s,"
        f" {tally.cpu_seconds:.0f} s of CPU time, longest run {tally.longest:.1f} s"
    )
    for service, runs in tally.doubtful.items():
        console.print(
            f"{runs} of them failed between {service} and the record of its answer,"
            f" where it is unknown whether the request was accepted:"
            f" repeated {tally.doubled[service]} times, at most once each"
        )
    if tally.was_interrupted:
        console.print("Interrupted: the drill is incomplete.")


def _table(tally: Tally) -> Table:
    table = Table(title="Crash report")
    for heading in ("interpreter", "fault", "runs", "with differences"):
        table.add_column(
            heading, justify="right" if heading in ("runs", "with differences") else "left"
        )
    for (cloud, mode), runs in sorted(tally.by_mode.items()):
        table.add_row(cloud, mode, str(runs), str(tally.differing[cloud, mode]))
    return table


def as_json(tally: Tally) -> str:
    """Return the report as JSON."""
    rows = [
        {"cloud": cloud, "fault": mode, "runs": runs, "differing": tally.differing[cloud, mode]}
        for (cloud, mode), runs in sorted(tally.by_mode.items())
    ]
    doubts = [
        {"service": service, "runs": runs, "repeated": tally.doubled[service]}
        for service, runs in tally.doubtful.items()
    ]
    report = {
        "is_clean": tally.is_clean,
        "was_interrupted": tally.was_interrupted,
        "points": {cloud: len(points) for cloud, points in tally.points.items()},
        "rows": rows,
        "in_doubt": doubts,
        "runs": tally.runs,
        "redrives": tally.redrives,
        "model_calls_paid_twice": tally.paid_again,
        "seconds": round(tally.seconds),
        "cpu_seconds": round(tally.cpu_seconds),
        "problems": tally.problems,
    }
    return json.dumps(report, indent=1) + "\n"
