"""Time and memory needed to export a thousand assignments in each format."""

import io
import json
import subprocess
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median
from time import perf_counter

from rich.console import Console
from rich.progress import track

from coursewright.domain.brief import Kind
from coursewright.domain.export import Format
from local.import_export import write_export
from tests.benchmarks.report import Figure, Report, several
from tests.exports.samples import from_practice

MANY = 1_000
SECONDS, MEGABYTES = 60, 200
RUNS = 5


def run() -> Report:
    """Export a thousand assignments several times per format, each time in a new process."""
    figures: list[Figure] = []
    for form in Format:
        took, most = zip(*(_measured_apart(form) for _ in range(RUNS)), strict=True)
        figures += [
            Figure(
                name=f"{MANY:,} assignments as {form}",
                value=several(took, "s"),
                must_be=f"< {SECONDS} s",
                holds=max(took) < SECONDS,
                ratio=median(took) / SECONDS,
            ),
            Figure(
                name=f"peak memory of the process, {form}",
                value=several(most, "MB", 0),
                must_be=f"< {MEGABYTES} MB",
                holds=max(most) < MEGABYTES,
                ratio=median(most) / MEGABYTES,
            ),
        ]
    return Report(part="exports", figures=figures)


def _measured_apart(form: Format) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.exports", form],
        capture_output=True,
        check=True,
        text=True,
    )
    seconds, megabytes = json.loads(done.stdout.splitlines()[-1])
    return seconds, megabytes


def measure(form: Format) -> tuple[float, float]:
    """Export in this process with a progress bar; return the seconds and megabytes used."""
    kinds = (Kind.PYTHON,) if form is Format.NBGRADER else tuple(Kind)
    samples = [assignment for assignment in from_practice() if assignment.kind in kinds]
    many = [
        sample.model_copy(update={"assignment": f"{number:016x}"})
        for number, sample in enumerate(islice(cycle(samples), MANY))
    ]
    if len(many) < MANY:
        raise ValueError(f"no sample for {form}")
    console = Console(file=io.StringIO(), force_terminal=True)
    with tempfile.TemporaryDirectory() as folder:
        start = perf_counter()
        write_export(
            many, form, Path(folder), progress=lambda each: track(each, "Writing", console=console)
        )
        took = perf_counter() - start
    return took, getrusage(RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(measure(Format(sys.argv[1]))))  # noqa: T201 – read by `run`
