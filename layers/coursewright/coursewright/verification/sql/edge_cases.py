"""Finds the rows of a dataset that put a query to the test; read by the worker."""

import sqlite3
from collections.abc import Iterator

NAMED = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


def tables(connection: sqlite3.Connection) -> list[str]:
    """Name the tables that a schema made."""
    return [str(name) for (name,) in connection.execute(NAMED).fetchall()]


def edges(connection: sqlite3.Connection) -> list[str]:
    """Name what is special about the stored rows: empty tables, NULLs and ties."""
    return [edge for table in tables(connection) for edge in _of_table(connection, table)]


def quoted(name: str) -> str:
    """Write a name so that it is nothing but a name."""
    return '"' + name.replace('"', '""') + '"'


def _of_table(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    (rows,) = connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()  # noqa: S608
    if not rows:
        yield f"{table} is empty"
        return
    keys = _keys(connection, table)
    for _, column, *_ in connection.execute(f"PRAGMA table_info({quoted(table)})").fetchall():
        named = quoted(column)
        counts = f"SELECT count({named}), count(DISTINCT {named}) FROM {quoted(table)}"  # noqa: S608
        filled, different = connection.execute(counts).fetchone()
        if filled < rows:
            yield f"{table}.{column} holds NULL"
        if different < filled and column not in keys:
            yield f"{table}.{column} holds ties"


def _keys(connection: sqlite3.Connection, table: str) -> set[str]:
    """Name the columns that refer to other rows: that they repeat is everyday."""
    foreign = connection.execute(f"PRAGMA foreign_key_list({quoted(table)})").fetchall()
    facts = connection.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
    named_as_keys = {fact[1] for fact in facts if str(fact[1]).lower().endswith("_id")}
    return {reference[3] for reference in foreign} | named_as_keys | {f[1] for f in facts if f[5]}
