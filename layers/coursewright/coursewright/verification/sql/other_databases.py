"""Runs a query as other databases would, to see whether its result changes; in the worker."""

from collections.abc import Sequence
from typing import Any

from sqlglot import exp
from sqlglot.dialects.sqlite import SQLite

from coursewright.verification.sql.engine import (
    MAX_VARIANT_STEPS,
    QUERY_ERRORS,
    Database,
    Result,
)
from coursewright.verification.sql.parsing import parse_query
from coursewright.verification.sql.row_equality import same_rows

DIVIDE = "coursewright_divide"
MAX_SNIPPET_CHARS = 160
MAX_DIVISIONS = 8  # nested ones double the length of the query


class NullsLargest(SQLite):
    """SQLite's dialect with NULL after every value, as in PostgreSQL and Oracle."""

    NULL_ORDERING = "nulls_are_large"


def null_order_matters(database: Database, query: str, first: Result, *, is_ordered: bool) -> bool:
    """Return whether the result changes if NULL is the largest value instead of the smallest."""
    own, other = parse_query(query), parse_query(query, NullsLargest)
    if own is None or other is None or own.sql("sqlite") == other.sql("sqlite"):
        return False
    try:
        result = database.run(other.sql("sqlite"), MAX_VARIANT_STEPS)
    except QUERY_ERRORS:
        return False
    return not same_rows(first.rows, result.rows, is_ordered=is_ordered)


def integer_divisions(database: Database, query: str) -> list[str]:
    """Return the divisions of two integers, which discard the remainder in some databases only."""
    tree = parse_query(query)
    if tree is None or not tree.find(exp.Div):
        return []
    seen: set[int] = set()

    def note(index: int, dividend: Any, divisor: Any, quotient: Any) -> Any:
        if isinstance(dividend, int) and isinstance(divisor, int) and divisor:
            seen.add(index)
        return quotient

    divisions = list(tree.find_all(exp.Div))[:MAX_DIVISIONS]
    shown = [division.sql("sqlite")[:MAX_SNIPPET_CHARS] for division in divisions]
    rewritten = _with_notes(tree, divisions)
    database.connection.create_function(DIVIDE, 4, note, deterministic=True)
    database.connection.set_authorizer(None)  # the query itself has already been allowed
    try:
        database.run(rewritten, MAX_VARIANT_STEPS)
    except QUERY_ERRORS:
        return []
    finally:
        database.make_read_only()
    return list(dict.fromkeys(shown[index] for index in sorted(seen)))


def _with_notes(tree: exp.Expr, divisions: Sequence[exp.Expr]) -> str:
    """Return a query in which each division is passed to a function, with its operands."""
    for index, division in reversed(list(enumerate(divisions))):
        operands = [division.this.copy(), division.expression.copy(), division.copy()]
        call = exp.Anonymous(this=DIVIDE, expressions=[exp.Literal.number(index), *operands])
        division.replace(call)
    return tree.sql("sqlite")
