"""A whole course at once: time and memory against its number of modules.

`start` is what `author_course` does alone, with a workflow that ends at once; `review` goes on
until every generation's reviewer has a mail, with the practice models and the real sandbox.
"""

import json
import math
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from tests.benchmarks.report import Figure, Report

STARTED = (100, 300, 1_000)
REVIEWED = (30, 100, 300)
LINEAR = 1.15
Run = dict[str, Any]


def run() -> Report:
    """Measure each number once, in a process of its own."""
    started = [measure("start", number) for number in STARTED]
    reviewed = [measure("review", number) for number in REVIEWED]
    return report(started, reviewed)


def measure(kind: str, number: int) -> Run:
    """Run a course of so many modules in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.crowd", kind, str(number)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{kind} {number}: {done.stderr.strip()[-500:]}")
    found: Run = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def report(started: Sequence[Run], reviewed: Sequence[Run]) -> Report:
    """Put measured runs side by side, with the exponents of their growth."""
    start = exponent([(one["number"], one["started_seconds"]) for one in started])
    review = exponent([(one["number"], one["reviewed_seconds"]) for one in reviewed])
    work = exponent([(one["number"], one["computing_seconds"]) for one in reviewed])
    memory = exponent([(one["number"], _grown(one)) for one in reviewed])
    return Report(
        part="scale",
        figures=[
            *(_figure(one, "started_seconds", "modules started") for one in started),
            _growth("growth of the time to start", start),
            *(_figure(one, "reviewed_seconds", "generations to review") for one in reviewed),
            _growth("growth of the time to review", review),
            _growth("growth of the computing time to review", work),
            _growth("growth of the memory above an idle cloud", memory),
        ],
        ratios={
            **{"exponent, start": start, "exponent, review": review},
            **{"exponent, computing": work, "exponent, memory": memory},
        },
    )


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """Fit a power of the number to what was measured: 1.0 is linear, 2.0 quadratic."""
    logs = [(math.log(number), math.log(max(value, 1e-9))) for number, value in points]
    middle_x = sum(x for x, _ in logs) / len(logs)
    middle_y = sum(y for _, y in logs) / len(logs)
    spread = sum((x - middle_x) ** 2 for x, _ in logs)
    return sum((x - middle_x) * (y - middle_y) for x, y in logs) / spread


def _grown(one: Run) -> float:
    return max(float(one["mb_highest"] - one["mb_before"]), 1.0)


def _figure(one: Run, seconds: str, what: str) -> Figure:
    took, number = one[seconds], one["number"]
    return Figure(
        name=f"{number:,} {what}",
        value=f"{took:.1f} s, {took / number * 1000:.0f} ms each;"
        f" {one['computing_seconds']:.0f} s computing;"
        f" {one['mb_before']:,.0f} → {one['mb_highest']:,.0f} MB (load {one['load']:.0f})",
    )


def _growth(name: str, found: float) -> Figure:
    return Figure(
        name=f"{name}, exponent",
        value=f"{found:.2f}",
        must_be=f"≤ {LINEAR} (1.0 is linear)",
        holds=found <= LINEAR,
    )
