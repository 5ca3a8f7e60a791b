"""Peak memory of every function, run in a separate process with its largest possible input.

`python -m tests.benchmarks.memory` prints comments for the template's MemorySize lines.
"""

import re
import sys
from typing import NamedTuple

from tests.benchmarks import fresh, layers
from tests.benchmarks.recorded_run import recorded
from tests.benchmarks.recorder import Recorded, Recording
from tests.benchmarks.replay import Replay
from tests.benchmarks.report import Figure, Report, several

RUNS = 5
RESERVE = 1.5  # multiple of the peak
MEMORY_HUNGRY_CHECK = {  # fills the sandbox, which has 256 MB
    "kind": "python",
    "file_name": "solution.py",
    "starter": "def total(numbers):\n    pass\n",
    "solution": "def total(numbers):\n    data = bytearray(245_000_000)\n    return sum(numbers)\n",
    "tests": "import unittest\nfrom solution import total\n\n\nclass Sums(unittest.TestCase):\n"
    "    def test_sum(self):\n        self.assertEqual(total([1, 2]), 3)\n",
}
NOTE = re.compile(r"peak (\d+) MB")


class Peak(NamedTuple):
    """All measured peaks of one function."""

    function: str
    megabytes: list[float]

    @property
    def highest(self) -> float:
        """The highest peak in MB."""
        return max(self.megabytes)


def run() -> Report:
    """Measure every function and compare it with its MemorySize."""
    return Report(part="memory", figures=[_figure(peak) for peak in measured()])


def measured() -> list[Peak]:
    """Run every function as in the largest generation if recorded, else as in a typical one."""
    sandboxed = fresh.function_job("check_code", MEMORY_HUNGRY_CHECK, {})
    found = {"check_code": [fresh.run(sandboxed).peak_megabytes for _ in range(RUNS)]}
    for kind in ("largest", "typical"):
        with Replay(recorded(kind)) as replay:
            for function in sorted(set(layers.functions()) - set(found)):
                if runs := _of_usual_provider(function, replay.recording):
                    found[function] = [
                        _peak(replay, recorded) for recorded in runs for _ in range(RUNS)
                    ]
    return [Peak(name, found[name]) for name in sorted(found)]


def _of_usual_provider(function: str, recording: Recording) -> list[Recorded]:
    runs = (recorded for recorded in recording.runs.values() if recorded.function == function)
    return [recorded for recorded in runs if not recorded.beside.startswith(" on ")]


def _peak(replay: Replay, recorded_run: Recorded) -> float:
    replay.begin(recorded_run)
    job = fresh.function_job(recorded_run.function, recorded_run.event, replay.environment)
    done = fresh.run(job)
    if done.problem:
        raise RuntimeError(f"{recorded_run.name}: {done.problem} {replay.surprises}")
    return done.peak_megabytes


def _figure(peak: Peak) -> Figure:
    given = layers.functions()[peak.function]["MemorySize"]
    return Figure(
        name=f"{peak.function}, MemorySize {given} MB",
        value=several(peak.megabytes, "MB", 0),
        must_be=f"MemorySize ≥ {RESERVE} × peak",
        holds=given >= RESERVE * peak.highest,
        ratio=given / peak.highest,
    )


if __name__ == "__main__":
    for peak in measured():
        sys.stdout.write(f"{peak.function}: # peak {peak.highest:.0f} MB\n")
