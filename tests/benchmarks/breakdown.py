"""Breaks an import's time down by package, using `python -X importtime`."""

from collections import Counter

from tests.benchmarks import fresh
from tests.benchmarks.fresh import Job

SHOWN = 12
RUNS = 5


def breakdown(job: Job) -> list[str]:
    """Return the slowest packages, each with its shortest time in a few runs."""
    runs = [_own_times(fresh.import_times(job)) for _ in range(RUNS)]
    least = Counter({name: min(run[name] for run in runs) for name in runs[0]})
    total = sum(least.values())
    lines = [f"{own / 1000:5.0f} ms  {name}" for name, own in least.most_common(SHOWN)]
    rest = total - sum(own for _, own in least.most_common(SHOWN))
    return [*lines, f"{rest / 1000:5.0f} ms  others", f"{total / 1000:5.0f} ms  total"]


def _own_times(output: str) -> Counter[str]:
    """Sum up each package's own time in microseconds, excluding interpreter start-up."""
    found: Counter[str] = Counter()
    for line in output.splitlines():
        head, _, rest = line.partition("|")
        if not head.startswith("import time:") or not head[12:].strip().isdigit():
            continue
        name = rest.partition("|")[2].strip()
        found[".".join(name.split(".")[: 2 if name.startswith("coursewright") else 1])] += int(
            head[12:]
        )
    return found
