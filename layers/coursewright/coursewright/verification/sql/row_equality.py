"""Says when two results of queries are the same; read by the worker and by the project."""

from collections.abc import Sequence
from typing import Any

EXACT_INTEGERS = 2**53

Rows = Sequence[Sequence[Any]]


def same_rows(left: Rows, right: Rows, *, is_ordered: bool) -> bool:
    """Compare two results, as multisets unless their order counts."""
    one, other = list(map(comparable, left)), list(map(comparable, right))
    return one == other if is_ordered else sorted(one) == sorted(other)


def missing_rows(rows: Rows, others: Rows) -> list[list[Any]]:
    """Return the rows that the other result lacks."""
    seen = set(map(comparable, others))
    return [list(row) for row in rows if comparable(row) not in seen]


def comparable(row: Sequence[Any]) -> tuple[tuple[str, float, str], ...]:
    """Make rows comparable: 2, 2.0 and TRUE for 1 are the same, NULL equals NULL."""
    return tuple(map(_comparable_cell, row))


def _comparable_cell(cell: Any) -> tuple[str, float, str]:
    if cell is None:
        return ("null", 0.0, "")
    if isinstance(cell, str):
        return ("text", 0.0, cell)
    if isinstance(cell, int) and abs(cell) >= EXACT_INTEGERS:
        return ("integer", 0.0, str(cell))
    return ("number", round(float(cell), 6) + 0.0, "")
