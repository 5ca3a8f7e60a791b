"""Searches for rows on which two queries for a task differ; runs in the worker."""

import json
import time
from collections.abc import Iterator
from typing import Any

from coursewright.verification.sql.edge_cases import quote_name
from coursewright.verification.sql.engine import QUERY_ERRORS
from coursewright.verification.sql.mutation_run import (
    TestDatabase,
    generate_databases,
    values_by_column,
)

MAX_DIFFERENCES = 2
MAX_SHOWN_CHARS = 250
Rows = dict[str, list[Any]]


def _stored_rows(database: TestDatabase) -> Rows:
    select = "SELECT * FROM {}"
    return {
        name: database.connection.execute(select.format(quote_name(name))).fetchall()
        for name in database.tables
    }


def _difference(database: TestDatabase, query: str) -> dict[str, str]:
    if not database.gives_different_result(query, is_ordered=False):
        return {}
    try:
        actual = _format_rows(database.run(query)[1])
    except QUERY_ERRORS as error:
        actual = str(error)[:MAX_SHOWN_CHARS]
    stored = _stored_rows(database)
    shown = "; ".join(f"{name}: {_format_rows(rows)}" for name, rows in stored.items())
    own_result = _format_rows(database.expected[1])
    return {"input": shown, "result": actual, "own_result": own_result}


def _format_rows(rows: list[Any]) -> str:
    text = ", ".join(str(tuple(row)) for row in rows) or "no rows"
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[:MAX_SHOWN_CHARS]}…"


def _find_differences(job: dict[str, Any]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of rows and both results for each database on which the queries differ."""
    deadline = time.monotonic() + job["seconds"]
    schema_sql, query = job["schema_sql"], job["query"]
    databases = [TestDatabase(schema_sql, seed, query) for seed in job["seeds"]]
    values = values_by_column([database.connection for database in databases], job["literals"])
    for database in databases:
        database.prepare()
    databases += generate_databases(schema_sql, query, values, deadline)
    for database in databases:
        if time.monotonic() >= deadline:
            break
        if difference := _difference(database, job["other_solution"]):
            yield sum(map(len, _stored_rows(database).values())), difference


def compare(job: dict[str, Any]) -> str:
    """Return, as JSON, the smallest databases on which two queries differ."""
    try:
        found = sorted(_find_differences(job), key=lambda pair: (pair[0], pair[1]["input"]))
        differences = [difference for _, difference in found]
    except QUERY_ERRORS:
        differences = []
    return json.dumps({"nonce": job["nonce"], "differences": differences[:MAX_DIFFERENCES]})
