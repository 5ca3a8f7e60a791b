"""Peak memory of every function, in a process of its own, with the largest input it may get.

`python -m tests.benchmarks.memory` prints the comments that the template's MemorySize lines need.
"""

import re
import sys
from typing import NamedTuple

from tests.benchmarks import fresh, layers
from tests.benchmarks.recorded_run import recorded
from tests.benchmarks.recorder import Recorded, Story
from tests.benchmarks.replay import Replay
from tests.benchmarks.report import Figure, Report, several

RUNS = 5
RESERVE = 1.5  # times the peak
GLUTTON = {  # all that a sandbox gives, which is 256 MB
    "kind": "python",
    "file_name": "solution.py",
    "starter": "def total(numbers):\n    pass\n",
    "solution": "def total(numbers):\n    kept = bytearray(245_000_000)\n    return sum(numbers)\n",
    "tests": "import unittest\nfrom solution import total\n\n\nclass Sums(unittest.TestCase):\n"
    "    def test_sum(self):\n        self.assertEqual(total([1, 2]), 3)\n",
}
NOTE = re.compile(r"peak (\d+) MB")


class Peak(NamedTuple):
    """All peaks of one function, and whether its largest run was measured."""

    function: str
    megabytes: list[float]

    @property
    def highest(self) -> float:
        """What memory has to be there for."""
        return max(self.megabytes)


def run() -> Report:
    """Measure every function and compare with what the template gives it."""
    return Report(part="memory", figures=[_figure(peak) for peak in measured()])


def measured() -> list[Peak]:
    """Run every function as in the largest generation, or as usual where size does not matter."""
    sandboxed = fresh.function_job("check_code", GLUTTON, {})
    found = {"check_code": [fresh.run(sandboxed).peak_megabytes for _ in range(RUNS)]}
    for kind in ("largest", "typical"):
        with Replay(recorded(kind)) as replay:
            for function in sorted(set(layers.functions()) - set(found)):
                if runs := _of_usual_provider(function, replay.story):
                    found[function] = [_peak(replay, one) for one in runs for _ in range(RUNS)]
    return [Peak(name, found[name]) for name in sorted(found)]


def _of_usual_provider(function: str, story: Story) -> list[Recorded]:
    runs = (one for one in story.runs.values() if one.function == function)
    return [one for one in runs if not one.beside.startswith(" on ")]


def _peak(replay: Replay, one: Recorded) -> float:
    replay.begin(one)
    done = fresh.run(fresh.function_job(one.function, one.event, replay.environment))
    if done.problem:
        raise RuntimeError(f"{one.name}: {done.problem} {replay.surprises}")
    return done.peak_megabytes


def _figure(peak: Peak) -> Figure:
    given = layers.functions()[peak.function]["MemorySize"]
    return Figure(
        name=f"{peak.function}, given {given} MB",
        value=several(peak.megabytes, "MB", 0),
        must_be=f"MemorySize ≥ {RESERVE} × peak",
        holds=given >= RESERVE * peak.highest,
        ratio=given / peak.highest,
    )


if __name__ == "__main__":
    for one in measured():
        sys.stdout.write(f"{one.function}: # peak {one.highest:.0f} MB\n")
