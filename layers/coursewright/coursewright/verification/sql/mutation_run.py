"""Runs mutants of a query on the datasets and on generated rows; runs in the worker.

A mutant that no dataset distinguishes from the query may be equivalent. It counts as a survivor
only if generated rows show a difference; these consist of the datasets' own values and obey the
tables' constraints.
"""

import json
import random
import sqlite3
import time
from collections.abc import Sequence
from typing import Any

from coursewright.verification.sql.edge_cases import quote_name, table_names
from coursewright.verification.sql.engine import (
    QUERY_ERRORS,
    QueryBudget,
    load_rows,
    make_read_only,
    open_database,
    run_query,
)
from coursewright.verification.sql.row_equality import same_rows

SECONDS_PER_QUERY = 0.25
GENERATED_DATABASES = 40
MAX_GENERATED_ROWS = 7
MAX_STORED_VALUES = 40
NULL_RATE = 0.2
NUMBERS: tuple[Any, ...] = (0, 1, 2, 3, 5, 10)
NAMES: tuple[Any, ...] = ("Alma", "Bo", "Cleo", "alma")

Result = tuple[list[str], list[list[Any]]]


class TestDatabase:
    """A populated database and the solution's result on it."""

    def __init__(self, schema_sql: str, seed_sql: str, solution: str) -> None:
        self._budget = QueryBudget(SECONDS_PER_QUERY)
        self.connection = open_database(self._budget)
        for _ in load_rows(self.connection, schema_sql, seed_sql):
            self._budget.renew(SECONDS_PER_QUERY)
        self._solution = solution
        self.tables = table_names(self.connection)
        self.expected: Result = ([], [])

    def prepare(self) -> None:
        """Make the database read-only and run the solution."""
        make_read_only(self.connection)
        self.expected = self.run(self._solution)

    def run(self, query: str) -> Result:
        """Run a query within its own budget."""
        self._budget.renew(SECONDS_PER_QUERY)
        return run_query(self.connection, query)

    def gives_different_result(self, query: str, *, is_ordered: bool) -> bool:
        """Whether a query fails or returns a different result from the solution."""
        try:
            columns, rows = self.run(query)
        except QUERY_ERRORS:
            return True
        is_same = same_rows(self.expected[1], rows, is_ordered=is_ordered)
        return not is_same or len(columns) != len(self.expected[0])


def classify_mutants(job: dict[str, Any]) -> dict[str, list[str]]:
    """Sort the mutants into killed, surviving and equivalent ones."""
    deadline = time.monotonic() + job["seconds"] * 0.8
    solution, is_ordered = job["query"], job["is_ordered"]
    databases = [TestDatabase(job["schema_sql"], seed, solution) for seed in job["seeds"]]
    values = values_by_column([database.connection for database in databases], job["literals"])
    for database in databases:
        database.prepare()
    generated = generate_databases(job["schema_sql"], solution, values, deadline)
    classes: dict[str, list[str]] = {"killed": [], "survivors": [], "equivalent": []}
    if _is_killed(job["rewritten"], [*databases, *generated], is_ordered=is_ordered):
        return classes
    for mutant in job["mutants"]:
        if time.monotonic() > deadline or _is_enough(classes, job["limit"]):
            break
        if not _is_valid(databases[0], mutant["source"]):
            continue
        name = _classify(mutant["source"], databases, generated, is_ordered=is_ordered)
        classes[name].append(mutant["change"])
    return classes


def _is_enough(classes: dict[str, list[str]], limit: int) -> bool:
    return len(classes["killed"]) + len(classes["survivors"]) >= limit


def _classify(
    query: str,
    databases: Sequence[TestDatabase],
    generated: Sequence[TestDatabase],
    *,
    is_ordered: bool,
) -> str:
    if _is_killed(query, databases, is_ordered=is_ordered):
        return "killed"
    return "survivors" if _is_killed(query, generated, is_ordered=is_ordered) else "equivalent"


def _is_killed(query: str, databases: Sequence[TestDatabase], *, is_ordered: bool) -> bool:
    return any(
        database.gives_different_result(query, is_ordered=is_ordered) for database in databases
    )


def _is_valid(database: TestDatabase, query: str) -> bool:
    try:
        database.run(f"EXPLAIN {query}")
    except QUERY_ERRORS:
        return False
    return True


def values_by_column(
    connections: Sequence[sqlite3.Connection], literals: Sequence[Any]
) -> dict[str, list[Any]]:
    """Return the values stored in each column, plus the query's literals of the same type."""
    values: dict[str, list[Any]] = {}
    for connection in connections:
        for table in table_names(connection):
            for name, *_ in _columns(connection, table):
                column = quote_name(name)
                select = (
                    f"SELECT DISTINCT {column} FROM {quote_name(table)} LIMIT {MAX_STORED_VALUES}"  # noqa: S608
                )
                rows = connection.execute(select).fetchall()
                stored = values.setdefault(f"{table}.{name}", [])
                stored.extend(value for (value,) in rows if value is not None)
    return {column: _with_literals(stored, literals) for column, stored in values.items()}


def _with_literals(stored: list[Any], literals: Sequence[Any]) -> list[Any]:
    is_text = any(isinstance(value, str) for value in stored)
    alike = [literal for literal in literals if isinstance(literal, str) == is_text]
    return stored + alike if stored else stored


def _columns(connection: sqlite3.Connection, table: str) -> list[Any]:
    """Return each column's name, type, and whether it is NOT NULL and a primary key."""
    rows = connection.execute(f"PRAGMA table_info({quote_name(table)})").fetchall()
    return [(name, kind, not_null, key) for _, name, kind, not_null, _, key in rows]


def generate_databases(
    schema_sql: str, query: str, values: dict[str, list[Any]], deadline: float
) -> list[TestDatabase]:
    """Return databases with generated rows: known values, NULLs, ties, and empty tables."""
    generated: list[TestDatabase] = []
    chance = random.Random(23)  # noqa: S311  generated rows, not a secret
    for _ in range(GENERATED_DATABASES):
        if time.monotonic() > deadline:
            break
        database = TestDatabase(schema_sql, "", query)
        for table in database.tables:
            _fill_table(database.connection, table, values, chance)
        try:
            database.prepare()
        except QUERY_ERRORS:
            continue
        generated.append(database)
    return generated


def _fill_table(
    connection: sqlite3.Connection, table: str, values: dict[str, list[Any]], chance: random.Random
) -> None:
    columns = _columns(connection, table)
    parents = {
        reference[3]: f"{reference[2]}.{reference[4] or 'id'}"
        for reference in connection.execute(
            f"PRAGMA foreign_key_list({quote_name(table)})"
        ).fetchall()
    }
    placeholders = ", ".join("?" * len(columns))
    names = ", ".join(quote_name(name) for name, *_ in columns)
    insert = f"INSERT OR IGNORE INTO {quote_name(table)} ({names}) VALUES ({placeholders})"  # noqa: S608
    for _ in range(chance.randrange(MAX_GENERATED_ROWS + 1)):
        row = []
        for column in columns:
            name = column[0]
            own, parent = values.get(f"{table}.{name}"), values.get(parents.get(name, ""))
            row.append(_generate_value(column, own, parent, chance))
        try:
            connection.execute(insert, row)
        except QUERY_ERRORS:
            continue


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


def run_mutants(job: dict[str, Any]) -> str:
    """Classify the mutants of a query and return their changes as JSON."""
    try:
        classes = classify_mutants(job)
    except QUERY_ERRORS:
        classes = {"killed": [], "survivors": [], "equivalent": []}
    return json.dumps({"nonce": job["nonce"], **classes})
