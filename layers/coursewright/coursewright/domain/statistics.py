"""What few numbers can say: shares with their uncertainty, and percentiles."""

import math
from collections.abc import Sequence

from coursewright.domain.base import Record

Z_95 = 1.959964  # standard normal quantile of a two-sided interval of 95 %


class Share(Record):
    """A count out of a whole, with the Wilson interval of 95 % around its share."""

    count: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """The share, or None where nothing was counted."""
        return self.count / self.of if self.of else None


def share(count: int, of: int) -> Share:
    """Count a share; of nothing nothing is known, so its interval is everything."""
    if not of:
        return Share(count=count, of=of, low=0.0, high=1.0)
    found = count / of
    spread = Z_95**2 / of
    middle = found + spread / 2
    half = Z_95 * math.sqrt(found * (1 - found) / of + spread / (4 * of))
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return Share(count=count, of=of, low=max(0.0, round(low, 6)), high=min(1.0, round(high, 6)))


def percentile(numbers: Sequence[float], percent: int) -> float | None:
    """Return the smallest number that is not below this percentage of all (nearest rank)."""
    if not numbers:
        return None
    ranked = sorted(numbers)
    return ranked[max(0, -(-percent * len(ranked) // 100) - 1)]


def edit_distance(before: str, after: str) -> float:
    """Return how many words were put in, taken out or replaced, as a share of the longer text."""
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
