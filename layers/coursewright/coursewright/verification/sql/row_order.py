"""Runs a query on copies whose rows are stored in different orders; runs in the worker.

SQLite stores the rows of most tables in the order of their keys, whatever the order of insertion.
So the copies have the same columns and rows, but no keys and no indexes.
"""

import random
import re
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from coursewright.verification.sql.edge_cases import quote_name, table_names
from coursewright.verification.sql.engine import MAX_VARIANT_STEPS, Database, Result

REVERSED = 1
SEEDS = (17, 29)
SELECT_DEFINITIONS = "SELECT sql FROM sqlite_schema WHERE type = ? AND sql IS NOT NULL"
ROWID = re.compile(r"\b(?:rowid|_rowid_|oid)\b", re.IGNORECASE)
PROBE_INDEX = "coursewright_collations"
AFFINITIES = (
    ("INT", "INTEGER"),
    ("CHAR", "TEXT"),
    ("CLOB", "TEXT"),
    ("TEXT", "TEXT"),
    ("BLOB", "BLOB"),
    ("REAL", "REAL"),
    ("FLOA", "REAL"),
    ("DOUB", "REAL"),
)


class Table(NamedTuple):
    """A table's columns, as definitions and names, and its rows."""

    name: str
    definitions: list[str]
    columns: list[str]
    key: list[str]
    rows: list[Any]


class Snapshot(NamedTuple):
    """A database's tables and views."""

    tables: list[Table]
    indexes: list[str]
    views: list[str]
    allows_quoted_text: bool


def take_snapshot(database: Database, query: str) -> Snapshot:
    """Read the rows of a database that can still be written to."""
    connection = database.connection
    names = table_names(connection)
    indexes, views = (_definitions(connection, kind) for kind in ("index", "view"))
    reads_rowid = any(ROWID.search(sql) for sql in [query, *views])
    tables = [_read_table(connection, name, keeps_rowid=reads_rowid) for name in names]
    return Snapshot(tables, indexes, views, database.allows_quoted_text)


def _definitions(connection: sqlite3.Connection, kind: str) -> list[str]:
    return [sql for (sql,) in connection.execute(SELECT_DEFINITIONS, (kind,)).fetchall()]


def _read_table(connection: sqlite3.Connection, table: str, *, keeps_rowid: bool) -> Table:
    name = quote_name(table)
    described = connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
    columns = [quote_name(column[1]) for column in described]
    collations = _collations(connection, name, columns)
    key = [quote_name(column[1]) for column in described if column[5]]
    is_rowid = keeps_rowid and len(key) == 1
    definitions = []
    for column, quoted, collation in zip(described, columns, collations, strict=True):
        definition = f"{quoted} {_affinity(column[2])} COLLATE {collation}"
        if is_rowid and column[5] and column[2].upper() == "INTEGER":
            definition += " PRIMARY KEY"
        definitions.append(definition)
    rows = connection.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall()  # noqa: S608
    return Table(name, definitions, columns, key, rows)


def _collations(connection: sqlite3.Connection, table: str, columns: Sequence[str]) -> list[str]:
    """Return each column's collation, which SQLite reveals only for indexes."""
    connection.execute(f"CREATE INDEX {PROBE_INDEX} ON {table} ({', '.join(columns)})")
    rows = connection.execute(f"PRAGMA index_xinfo({PROBE_INDEX})").fetchall()
    connection.execute(f"DROP INDEX {PROBE_INDEX}")
    return [quote_name(row[4]) for row in rows[: len(columns)]]


def _affinity(declared: str) -> str:
    """Return a type name with the affinity of a declared type."""
    upper = declared.upper()
    if not upper or upper == "ANY":
        return "BLOB"
    return next((affinity for sign, affinity in AFFINITIES if sign in upper), "NUMERIC")


def _copies(snapshot: Snapshot, *, has_indexes: bool = False) -> Iterator[Database]:
    """Yield copies of a database whose rows are stored in different orders.

    Indexes on the keys, in descending order, make large joins feasible again.
    """
    for order in range(2 + len(SEEDS)):
        with _copy(snapshot, order, has_indexes=has_indexes) as copy:
            yield copy


def _copy(snapshot: Snapshot, order: int, *, has_indexes: bool) -> Database:
    copy = Database(allows_quoted_text=snapshot.allows_quoted_text)
    for table in snapshot.tables:
        _fill(copy.connection, table, order, has_index=has_indexes)
    for definition in (*snapshot.views, *(snapshot.indexes if has_indexes else ())):
        copy.connection.execute(definition)
    return copy


def _fill(connection: sqlite3.Connection, table: Table, order: int, *, has_index: bool) -> None:
    connection.execute(f"CREATE TABLE {table.name} ({', '.join(table.definitions)})")
    marks = ", ".join("?" * len(table.columns))
    connection.execute("BEGIN")
    connection.executemany(
        f"INSERT INTO {table.name} VALUES ({marks})",  # noqa: S608
        _reordered(table.rows, order),
    )
    connection.execute("COMMIT")
    if has_index and table.key:
        terms = ", ".join(f"{column} DESC" for column in table.key)
        index = quote_name(f"coursewright {table.name}")
        connection.execute(f"CREATE INDEX {index} ON {table.name} ({terms})")


def _reordered(rows: Sequence[Any], order: int) -> list[Any]:
    if order == 0:
        return list(rows)
    other = list(reversed(rows))
    if order > REVERSED:
        random.Random(SEEDS[order - 2]).shuffle(other)  # noqa: S311  order of rows, not a secret
    return other


def results_in_other_orders(
    snapshot: Snapshot, query: str, *, has_indexes: bool = False
) -> Iterator[Result]:
    """Yield a query's results on the copies, read forwards and backwards."""
    for copy in _copies(snapshot, has_indexes=has_indexes):
        yield from results_in_both_directions(copy, query)


def reversed_results(snapshot: Snapshot, query: str) -> Iterator[Result]:
    """Yield a query's results on the copy with its rows in reverse, in both directions."""
    with _copy(snapshot, REVERSED, has_indexes=False) as copy:
        yield from results_in_both_directions(copy, query)


def results_in_both_directions(database: Database, query: str) -> Iterator[Result]:
    """Yield a query's results if SQLite reads unsorted rows forwards, then backwards."""
    for is_reversed in (0, 1):
        database.connection.set_authorizer(None)
        database.connection.execute(f"PRAGMA reverse_unordered_selects={is_reversed}")
        database.make_read_only()
        yield database.run(query, MAX_VARIANT_STEPS)
