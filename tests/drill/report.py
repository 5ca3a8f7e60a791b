"""The crash report."""

from collections import Counter
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from tests.drill.cases import Result
from tests.drill.points import Point


@dataclass
class Tally:
    """What a drill found."""

    runs: int = 0
    redrives: int = 0
    longest: float = 0
    points: dict[str, set[Point]] = field(default_factory=dict)
    by_mode: Counter[tuple[str, str]] = field(default_factory=Counter)
    differing: Counter[tuple[str, str]] = field(default_factory=Counter)
    pairs: int = 0
    paid_again: int = 0
    doubtful: Counter[str] = field(default_factory=Counter)
    doubled: Counter[str] = field(default_factory=Counter)

    @property
    def is_clean(self) -> bool:
        """Say whether no run differed."""
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
        if not result.is_clean:
            self.differing[cloud, mode] += 1
        if case.doubt:
            self.doubtful[case.doubt] += 1
            self.doubled[case.doubt] += result.paid_again + len(result.differences)
        else:
            self.paid_again += result.paid_again


def print_report(console: Console, tally: Tally, *, seconds: float) -> None:
    """Print what was broken and what came of it."""
    table = Table(title="Crash report")
    for heading in ("interpreter", "fault", "runs", "differing"):
        table.add_column(
            heading, justify="left" if heading in ("interpreter", "fault") else "right"
        )
    for (cloud, mode), runs in sorted(tally.by_mode.items()):
        table.add_row(cloud, mode, str(runs), str(tally.differing[cloud, mode]))
    console.print(table)
    for cloud, points in tally.points.items():
        console.print(f"{cloud}: {len(points)} crash points")
    console.print(
        f"{tally.runs} runs, {tally.redrives} redrives, {sum(tally.differing.values())} differing,"
        f" {tally.paid_again} model calls paid twice; {seconds:.0f} s,"
        f" the longest run {tally.longest:.1f} s"
    )
    for service, runs in tally.doubtful.items():
        console.print(
            f"{runs} of them broke between {service} and its note, where nobody can know whether"
            f" the request was taken: asked again {tally.doubled[service]} times, at most once each"
        )
