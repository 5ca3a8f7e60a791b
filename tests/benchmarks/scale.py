"""Scaling of a whole course: time and memory by number of modules.

`start` measures `author_course` alone, with a workflow that ends immediately. `review` runs until
every generation's reviewer has an email, with the practice models and the real sandbox.
"""

import json
import math
import subprocess
import sys
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from tests.benchmarks.processes import DEPTHS
from tests.benchmarks.report import Figure, Report, several

STARTED, REVIEWED = (100, 300, 1_000), (30, 100, 300)  # modules
RUNS = 5
LINEAR = 1.15
Run = dict[str, Any]
Runs = Sequence[Run]


def run() -> Report:
    """Measure each size, each time in a new process."""
    started, reviewed = measured("start", STARTED), measured("review", REVIEWED)
    return report(started, reviewed)


def measured(kind: str, sizes: Sequence[int]) -> list[Runs]:
    """Run a course of each size several times, alternating between sizes."""
    runs = [[measure(kind, size) for size in sizes] for _ in range(RUNS)]
    return list(zip(*runs, strict=True))


def measure(kind: str, number: int) -> Run:
    """Run a course with this many modules in a new process."""
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "tests.benchmarks.course_load",
        kind,
        str(number),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{kind} {number}: {done.stderr.strip()[-500:]}")
    found: Run = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def report(started: Sequence[Runs], reviewed: Sequence[Runs]) -> Report:
    """Report the measured runs and the exponents of their growth."""
    start = _growth_of(started, lambda row: row["started_seconds"])
    review = _growth_of(reviewed, lambda row: row["reviewed_seconds"])
    work = _growth_of(reviewed, lambda row: row["computing_seconds"])
    memory = _growth_of(reviewed, lambda row: max(row["mb_highest"] - row["mb_before"], 1.0))
    return Report(
        part="scale",
        figures=[
            *(_figure(runs, "started_seconds", "modules started") for runs in started),
            _growth("growth of the time to start", start),
            *(_figure(runs, "reviewed_seconds", "generations to review") for runs in reviewed),
            _growth("growth of the time to review", review),
            _growth("growth of the CPU time to review", work),
            _growth("growth of the memory above an idle cloud", memory),
        ],
        ratios={
            **{"exponent, start": start, "exponent, review": review},
            **{"exponent, CPU time": work, "exponent, memory": memory},
        },
        details={"CPU time by process level": [_shares(runs) for runs in reviewed]},
    )


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """Return the exponent of a power law fitted to the points: 1.0 is linear, 2.0 quadratic."""
    logs = [(math.log(number), math.log(max(value, 1e-9))) for number, value in points]
    middle_x = sum(x for x, _ in logs) / len(logs)
    middle_y = sum(y for _, y in logs) / len(logs)
    spread = sum((x - middle_x) ** 2 for x, _ in logs)
    return sum((x - middle_x) * (y - middle_y) for x, y in logs) / spread


def _growth_of(sizes: Sequence[Runs], value: Callable[[Run], float]) -> float:
    return exponent([(runs[0]["number"], median(map(value, runs))) for runs in sizes])


def _figure(runs: Runs, seconds: str, what: str) -> Figure:
    number, took = runs[0]["number"], [row[seconds] for row in runs]
    middle = {name: median(row[name] for row in runs) for name in runs[0] if name != "kind"}
    return Figure(
        name=f"{number:,} {what}",
        value=f"{several(took, 's')}, {median(took) / number * 1000:.0f} ms each;"
        f" {middle['computing_seconds']:.0f} s CPU time;"
        f" {middle['mb_before']:,.0f} → {middle['mb_highest']:,.0f} MB"
        f" (load {middle['load']:.0f})",
    )


def _shares(runs: Runs) -> str:
    middle = {name: median(row[name] for row in runs) for name in DEPTHS}
    times = ", ".join(f"{name.partition('_')[0]} {value:.0f} s" for name, value in middle.items())
    return f"{runs[0]['number']} generations: {times}"


def _growth(name: str, found: float) -> Figure:
    return Figure(
        name=f"{name}, exponent",
        value=f"{found:.2f}",
        must_be=f"≤ {LINEAR} (1.0 is linear)",
        holds=found <= LINEAR,
    )
