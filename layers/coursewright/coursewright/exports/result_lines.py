"""Formats query results as lines that can be compared.

Exports embed this file's text, so that rows are compared the same way as during verification:
1, 1.0 and TRUE are equal, only six decimals of numbers count, and NULL differs from an empty text.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any


def format_result(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], ordered: bool
) -> list[str]:
    """Return one JSON line for the columns and one per row, sorted unless order matters."""
    lines = [_json([_cell(cell) for cell in row]) for row in rows]
    return [_json([name.casefold() for name in columns]), *(lines if ordered else sorted(lines))]


def _cell(cell: Any) -> Any:
    if isinstance(cell, bytes):
        return "x'" + cell.hex() + "'"
    if isinstance(cell, int):
        return int(cell)
    if not isinstance(cell, float):
        return cell
    rounded = round(cell, 6)
    return int(rounded) if rounded.is_integer() and abs(rounded) < 2**53 else rounded


def _json(values: list[Any]) -> str:
    return json.dumps(values, ensure_ascii=False)
