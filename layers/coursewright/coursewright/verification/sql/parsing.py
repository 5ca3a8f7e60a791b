"""Parses queries; runs in the worker."""

from sqlglot import Dialect, exp, parse
from sqlglot.errors import SqlglotError


def parse_query(query: str, dialect: type[Dialect] | str = "sqlite") -> exp.Expr | None:
    """Return the tree of a single statement, or None if the parser does not understand it."""
    try:
        statements = [tree for tree in parse(query, read=dialect) if tree is not None]
    except (SqlglotError, RecursionError):
        return None
    return statements[0] if len(statements) == 1 else None
