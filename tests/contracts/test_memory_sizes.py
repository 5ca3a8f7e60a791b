"""Every MemorySize is derived from the peak measured by `make bench`."""

import re

from tests.benchmarks.layers import ROOT, functions
from tests.benchmarks.memory import NOTE, RESERVE

LINE = re.compile(r"(?:functions/(\w+)\n +)?MemorySize: (\d+)(?: # (.*))?$", re.MULTILINE)


def test_memory_is_one_and_a_half_times_the_measured_peak() -> None:
    lines = LINE.findall((ROOT / "template.yaml").read_text("utf-8"))

    peaks = {name: (int(given), NOTE.search(note)) for name, given, note in lines}
    short = [
        name for name, (given, peak) in peaks.items() if peak and given < RESERVE * int(peak[1])
    ]

    assert [name for name, (_, peak) in peaks.items() if peak is None] == []
    assert short == []


def test_every_memory_size_is_one_that_lambda_offers() -> None:
    sizes = [function["MemorySize"] for function in functions().values()]

    assert all(128 <= size <= 10_240 for size in sizes)
