"""Writes a query's result as lines that can be compared.

Exports carry this file's text, so that rows are compared there as they were verified here:
1, 1.0 and TRUE are the same, numbers count to six decimals, NULL is not an empty text.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any


def row_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]], ordered: bool) -> list[str]:
    """Return one JSON line for the columns and one for each row, sorted unless order counts."""
    lines = [_json([_cell(cell) for cell in row]) for row in rows]
    return [_json([name.casefold() for name in columns]), *(lines if ordered else sorted(lines))]


def _cell(cell: Any) -> Any:
    if isinstance(cell, bytes):
        return "x'" + cell.hex() + "'"
    if isinstance(cell, int):
        return int(cell)
    if not isinstance(cell, float):
        return cell
    short = round(cell, 6)
    return int(short) if short.is_integer() and abs(short) < 2**53 else short


def _json(values: list[Any]) -> str:
    return json.dumps(values, ensure_ascii=False)
