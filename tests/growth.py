"""Measures how processor time grows with the size of an input, within one run."""

import gc
import statistics
import time
from collections.abc import Callable

MAX_GROWTH = 2.6  # at twice the size
SHORTEST_SECONDS = 0.02  # below this, a measurement is meaningless
REPEATS, ATTEMPTS = 3, 3


def grows_linearly(work: Callable[[int], object], size: int) -> bool:
    """Return whether the work at a size takes at most 2.6 times as long as at half of it."""
    if _seconds(work, size) < SHORTEST_SECONDS:
        return True
    # Another process can disturb a comparison, but not make quadratic work look linear.
    return any(_growth(work, size) <= MAX_GROWTH for _ in range(ATTEMPTS))


def _growth(work: Callable[[int], object], size: int) -> float:
    pairs = [(_seconds(work, size // 2), _seconds(work, size)) for _ in range(REPEATS)]
    small = statistics.median(before for before, _ in pairs)
    large = statistics.median(after for _, after in pairs)
    return large / small


def _seconds(work: Callable[[int], object], size: int) -> float:
    gc.disable()  # a collection visits all objects of the process, not only those of the work
    start = time.process_time()
    try:
        work(size)
    finally:
        gc.enable()
    return time.process_time() - start
