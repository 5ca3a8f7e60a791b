"""Compares query results; runs in the worker and in the project."""

from collections.abc import Sequence
from typing import Any

MIN_INEXACT_INTEGER = 2**53

Rows = Sequence[Sequence[Any]]


def same_rows(left: Rows, right: Rows, *, is_ordered: bool) -> bool:
    """Whether two results are equal, compared as multisets unless they are ordered."""
    own, other = list(map(comparable, left)), list(map(comparable, right))
    return own == other if is_ordered else sorted(own) == sorted(other)


def missing_rows(rows: Rows, others: Rows) -> list[list[Any]]:
    """Return the rows that are missing from another result."""
    present = set(map(comparable, others))
    return [list(row) for row in rows if comparable(row) not in present]


def comparable(row: Sequence[Any]) -> tuple[tuple[str, float, str], ...]:
    """Return a sortable form of a row: 2 equals 2.0, 1 equals TRUE, NULL equals NULL."""
    return tuple(map(_comparable_cell, row))


def _comparable_cell(cell: Any) -> tuple[str, float, str]:
    if cell is None:
        return ("null", 0.0, "")
    if isinstance(cell, str):
        return ("text", 0.0, cell)
    if isinstance(cell, int) and abs(cell) >= MIN_INEXACT_INTEGER:
        return ("integer", 0.0, str(cell))
    return ("number", round(float(cell), 6) + 0.0, "")
