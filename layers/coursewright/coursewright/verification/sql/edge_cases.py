"""Finds edge cases in the rows of a dataset; runs in the worker."""

import sqlite3
from collections.abc import Iterator

SELECT_TABLE_NAMES = (
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
)


def table_names(connection: sqlite3.Connection) -> list[str]:
    """Return the names of the user-defined tables."""
    return [str(name) for (name,) in connection.execute(SELECT_TABLE_NAMES).fetchall()]


def find_edge_cases(connection: sqlite3.Connection) -> list[str]:
    """Return the edge cases in the stored rows: empty tables, NULLs and ties."""
    return [
        edge for table in table_names(connection) for edge in _table_edge_cases(connection, table)
    ]


def quote_name(name: str) -> str:
    """Quote an identifier for SQL."""
    return '"' + name.replace('"', '""') + '"'


def _table_edge_cases(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    (rows,) = connection.execute(f"SELECT count(*) FROM {quote_name(table)}").fetchone()  # noqa: S608
    if not rows:
        yield f"{table} is empty"
        return
    keys = _key_columns(connection, table)
    for _, column, *_ in connection.execute(f"PRAGMA table_info({quote_name(table)})").fetchall():
        name = quote_name(column)
        counts = f"SELECT count({name}), count(DISTINCT {name}) FROM {quote_name(table)}"  # noqa: S608
        filled, different = connection.execute(counts).fetchone()
        if filled < rows:
            yield f"{table}.{column} holds NULL"
        if different < filled and column not in keys:
            yield f"{table}.{column} holds ties"


def _key_columns(connection: sqlite3.Connection, table: str) -> set[str]:
    """Return the columns that refer to other rows, in which repeated values are normal."""
    foreign = connection.execute(f"PRAGMA foreign_key_list({quote_name(table)})").fetchall()
    columns = connection.execute(f"PRAGMA table_info({quote_name(table)})").fetchall()
    named_as_keys = {column[1] for column in columns if str(column[1]).lower().endswith("_id")}
    primary = {column[1] for column in columns if column[5]}
    return {reference[3] for reference in foreign} | named_as_keys | primary
