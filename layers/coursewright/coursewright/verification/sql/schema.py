"""Reads the tables that a schema creates; runs in the worker."""

from typing import NamedTuple

from coursewright.verification.sql.edge_cases import quote_name
from coursewright.verification.sql.engine import QUERY_ERRORS, Database

SELECT_NAMES = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')"


class TableKey(NamedTuple):
    """A table's or view's columns and primary key, in lower case."""

    columns: frozenset[str]
    key: tuple[str, ...]


TableKeys = dict[str, TableKey]


def read_schema(schema_sql: str, *, allows_quoted_text: bool) -> TableKeys:
    """Return the tables and views by name, or none if the schema does not load."""
    with Database(allows_quoted_text=allows_quoted_text) as database:
        try:
            for _ in database.load(schema_sql, ""):
                pass
            rows = database.connection.execute(SELECT_NAMES).fetchall()
            return {name.lower(): _read_table(database, name) for (name,) in rows}
        except QUERY_ERRORS:
            return {}


def _read_table(database: Database, name: str) -> TableKey:
    rows = database.connection.execute(f"PRAGMA table_xinfo({quote_name(name)})").fetchall()
    columns = frozenset(row[1].lower() for row in rows)
    return TableKey(columns, tuple(row[1].lower() for row in rows if row[5]))
