"""Statistics for small samples: proportions with confidence intervals, percentiles, distances."""

import math
from collections.abc import Sequence

from coursewright.domain.base import Record

Z_95 = 1.959964  # standard normal quantile for a two-sided 95% interval


class Share(Record):
    """A proportion with its 95% Wilson interval."""

    count: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """The proportion, or None if the sample is empty."""
        return self.count / self.of if self.of else None


def share(count: int, of: int) -> Share:
    """Return a proportion with its Wilson interval; [0, 1] when `of` is 0."""
    if not of:
        return Share(count=count, of=of, low=0.0, high=1.0)
    proportion = count / of
    spread = Z_95**2 / of
    middle = proportion + spread / 2
    half = Z_95 * math.sqrt(proportion * (1 - proportion) / of + spread / (4 * of))
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return Share(count=count, of=of, low=max(0.0, round(low, 6)), high=min(1.0, round(high, 6)))


def percentile(numbers: Sequence[float], percent: int) -> float | None:
    """Return the nearest-rank percentile, or None if there are no numbers."""
    if not numbers:
        return None
    ranked = sorted(numbers)
    return ranked[max(0, -(-percent * len(ranked) // 100) - 1)]


def edit_distance(before: str, after: str) -> float:
    """Return the word-level edit distance as a fraction of the longer text."""
    old, new = before.split(), after.split()
    longest = max(len(old), len(new))
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    start = next(
        (at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]),
        min(len(old), len(new)),
    )
    return round(_distance(old[start:], new[start:]) / longest, 4) if longest else 0.0


def _distance(old: list[str], new: list[str]) -> int:
    row = list(range(len(new) + 1))
    for at, word in enumerate(old, start=1):
        diagonal, row[0] = row[0], at
        for column, other in enumerate(new, start=1):
            replaced = diagonal + (word != other)
            diagonal = row[column]
            row[column] = min(replaced, row[column] + 1, row[column - 1] + 1)
    return row[-1]
