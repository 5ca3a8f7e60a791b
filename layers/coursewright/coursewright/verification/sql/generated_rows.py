"""Fills databases with rows that no dataset contains; runs in the worker.

The rows consist of the datasets' own values and obey the tables' constraints. Databases on which
the solution's result depends on the order of the rows are left out, because there it has no single
correct result.
"""

import random
import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

from coursewright.verification.sql.edge_cases import quote_name, table_names
from coursewright.verification.sql.engine import MAX_VARIANT_STEPS, QUERY_ERRORS, Database, Result
from coursewright.verification.sql.row_equality import same_rows
from coursewright.verification.sql.row_order import reversed_results, take_snapshot

MAX_DATABASES = 40
MAX_GENERATED_ROWS = 7
MAX_STORED_VALUES = 40
NULL_RATE = 0.2
NUMBERS: tuple[Any, ...] = (0, 1, 2, 3, 5, 10)
NAMES: tuple[Any, ...] = ("Alma", "Bo", "Cleo", "alma")
# A variant may need more steps than the solution, but not without bound.
STEPS_RATIO = 20
MIN_STEPS = 200_000
MAX_GENERATION_STEPS = 20_000_000
RUNS_PER_DATABASE = 3  # as stored, and in reverse in both directions

Values = dict[str, list[Any]]


class SolvedDatabase:
    """A populated database and the solution's result on it."""

    def __init__(self, database: Database, solution: str, min_steps: int = MIN_STEPS) -> None:
        self.database = database
        self.tables = table_names(database.connection)
        self.snapshot = take_snapshot(database, solution)
        self._solution = solution
        database.make_read_only()
        self.expected = database.run(solution)
        self.max_steps = min(MAX_VARIANT_STEPS, max(min_steps, STEPS_RATIO * database.steps))

    def run(self, query: str) -> Result:
        """Run a variant of the solution, with a budget derived from the solution's own."""
        return self.database.run(query, self.max_steps)

    def is_steady(self, *, is_ordered: bool) -> bool:
        """Whether the solution's result is the same if the rows are stored in reverse."""
        results = reversed_results(self.snapshot, self._solution)
        return all(
            same_rows(self.expected.rows, other.rows, is_ordered=is_ordered) for other in results
        )

    def gives_different_result(self, query: str, *, is_ordered: bool) -> bool:
        """Whether a query fails, uses up its budget or returns a different result."""
        try:
            columns, rows = self.run(query)
        except QUERY_ERRORS:
            return True
        is_same = same_rows(self.expected.rows, rows, is_ordered=is_ordered)
        return not is_same or len(columns) != len(self.expected.columns)


class GeneratedDatabases(NamedTuple):
    """Databases with generated rows, and whether the query was fast enough to fill all of them."""

    databases: list[SolvedDatabase]
    is_complete: bool


def dataset_databases(job: dict[str, Any]) -> list[SolvedDatabase]:
    """Return the datasets' own databases."""
    return [SolvedDatabase(_loaded(job, seed), job["query"]) for seed in job["seeds"]]


def _loaded(job: dict[str, Any], seed_sql: str) -> Database:
    database = Database(allows_quoted_text=job["allows_quoted_text"])
    for _ in database.load(job["schema_sql"], seed_sql):
        pass
    return database


def generate_databases(
    job: dict[str, Any], known: Sequence[SolvedDatabase], *, is_ordered: bool
) -> GeneratedDatabases:
    """Return databases with generated rows: known values, NULLs, ties, and empty tables."""
    values = _values_by_column(known, job["literals"])
    chance = random.Random(23)  # noqa: S311  generated rows, not a secret
    databases: list[SolvedDatabase] = []
    min_steps = max(solved.max_steps for solved in known)
    empty, steps = _loaded(job, ""), 0
    for _ in range(MAX_DATABASES):
        if steps > MAX_GENERATION_STEPS:
            return GeneratedDatabases(databases, is_complete=False)
        database = Database(allows_quoted_text=job["allows_quoted_text"])
        database.fill_from(empty)
        for table in table_names(database.connection):
            _fill_table(database.connection, table, values, chance)
        try:
            solved = SolvedDatabase(database, job["query"], min_steps)
            if solved.is_steady(is_ordered=is_ordered):
                databases.append(solved)
        except QUERY_ERRORS:
            pass
        steps += RUNS_PER_DATABASE * database.steps
    return GeneratedDatabases(databases, is_complete=True)


def _values_by_column(known: Sequence[SolvedDatabase], literals: Sequence[Any]) -> Values:
    """Return the values stored in each column, plus the query's literals of the same type."""
    values: Values = {}
    for table in (table for solved in known for table in solved.snapshot.tables):
        for index, column in enumerate(table.columns):
            different = dict.fromkeys(row[index] for row in table.rows if row[index] is not None)
            stored = values.setdefault(_column_key(table.name, column), [])
            stored.extend(list(different)[:MAX_STORED_VALUES])
    return {column: _with_literals(stored, literals) for column, stored in values.items()}


def _column_key(quoted_table: str, quoted_column: str) -> str:
    return f"{quoted_table}.{quoted_column}".casefold()


def _with_literals(stored: list[Any], literals: Sequence[Any]) -> list[Any]:
    is_text = any(isinstance(value, str) for value in stored)
    alike = [literal for literal in literals if isinstance(literal, str) == is_text]
    return stored + alike if stored else stored


def _columns(connection: sqlite3.Connection, table: str) -> list[Any]:
    """Return each column's name, type, and whether it is NOT NULL and a primary key."""
    rows = connection.execute(f"PRAGMA table_info({quote_name(table)})").fetchall()
    return [(name, kind, not_null, key) for _, name, kind, not_null, _, key in rows]


def _fill_table(
    connection: sqlite3.Connection, table: str, values: Values, chance: random.Random
) -> None:
    columns = _columns(connection, table)
    name = quote_name(table)
    parents = _parents(connection, name)
    names = ", ".join(quote_name(column[0]) for column in columns)
    placeholders = ", ".join("?" * len(columns))
    insert = f"INSERT OR IGNORE INTO {name} ({names}) VALUES ({placeholders})"  # noqa: S608
    for _ in range(chance.randrange(MAX_GENERATED_ROWS + 1)):
        row = []
        for column in columns:
            key = _column_key(name, quote_name(column[0]))
            parent = values.get(parents.get(key, ""))
            row.append(_generate_value(column, values.get(key), parent, chance))
        try:
            connection.execute(insert, row)
        except QUERY_ERRORS:
            continue


def _parents(connection: sqlite3.Connection, table: str) -> dict[str, str]:
    """Return the column to which each foreign key refers."""
    references = connection.execute(f"PRAGMA foreign_key_list({table})").fetchall()
    return {
        _column_key(table, quote_name(child)): _column_key(
            quote_name(parent), quote_name(column or "id")
        )
        for _, _, parent, child, column, *_ in references
    }


def _generate_value(
    column: Any, own: list[Any] | None, parent: list[Any] | None, chance: random.Random
) -> Any:
    _, kind, is_not_null, is_key = column
    if not (is_not_null or is_key) and chance.random() < NULL_RATE:
        return None
    if parent or own:
        return chance.choice(parent or own or [None])
    is_text = any(sign in kind.upper() for sign in ("CHAR", "TEXT", "CLOB"))
    return chance.choice(NAMES if is_text else NUMBERS)
