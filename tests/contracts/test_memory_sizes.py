"""Memory is given after measuring: a MemorySize bears the peak that `make bench` found."""

import re

from tests.benchmarks.layers import ROOT, functions
from tests.benchmarks.memory import NOTE, RESERVE

LINE = re.compile(r"(?:functions/(\w+)\n +)?MemorySize: (\d+)(?: # (.*))?$", re.MULTILINE)


def test_memory_is_half_as_much_again_as_the_measured_peak() -> None:
    lines = LINE.findall((ROOT / "template.yaml").read_text("utf-8"))

    peaks = {name: (int(given), NOTE.search(note)) for name, given, note in lines}
    short = [
        name for name, (given, peak) in peaks.items() if peak and given < RESERVE * int(peak[1])
    ]

    assert [name for name, (_, peak) in peaks.items() if peak is None] == []
    assert short == []


def test_every_function_has_an_amount_of_memory_that_lambda_gives() -> None:
    sizes = [one["MemorySize"] for one in functions().values()]

    assert all(128 <= size <= 10_240 for size in sizes)
