"""Searches for rows on which two queries for a task differ; runs in the worker."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from coursewright.verification.sql.edge_cases import quote_name
from coursewright.verification.sql.engine import QUERY_ERRORS
from coursewright.verification.sql.generated_rows import (
    SolvedDatabase,
    dataset_databases,
    generate_databases,
)

MAX_DIFFERENCES = 2
MAX_SHOWN_CHARS = 250
Rows = dict[str, list[Any]]


def _stored_rows(solved: SolvedDatabase) -> Rows:
    select = "SELECT * FROM {}"
    return {
        name: solved.database.connection.execute(select.format(quote_name(name))).fetchall()
        for name in solved.tables
    }


def _difference(solved: SolvedDatabase, query: str) -> dict[str, str]:
    if not solved.gives_different_result(query, is_ordered=False):
        return {}
    try:
        actual = _format_rows(solved.run(query).rows)
    except QUERY_ERRORS as error:
        actual = str(error)[:MAX_SHOWN_CHARS]
    stored = _stored_rows(solved)
    shown = "; ".join(f"{name}: {_format_rows(rows)}" for name, rows in stored.items())
    own_result = _format_rows(solved.expected.rows)
    return {"input": shown, "result": actual, "own_result": own_result}


def _format_rows(rows: list[Any]) -> str:
    text = ", ".join(str(tuple(row)) for row in rows) or "–"
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[:MAX_SHOWN_CHARS]}…"


def _find_differences(
    databases: Iterable[SolvedDatabase], query: str
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of rows and both results for each database on which the queries differ."""
    for solved in databases:
        if difference := _difference(solved, query):
            yield sum(map(len, _stored_rows(solved).values())), difference


def compare(job: dict[str, Any]) -> str:
    """Return, as JSON, the smallest databases on which two queries differ."""
    try:
        differences, is_complete = _smallest_differences(job)
    except QUERY_ERRORS:  # the draft's own query fails
        differences, is_complete = [], False
    reply = {"differences": differences, "is_complete": is_complete}
    return json.dumps({"nonce": job["nonce"], **reply})


def _smallest_differences(job: dict[str, Any]) -> tuple[list[dict[str, str]], bool]:
    datasets = dataset_databases(job)
    generated, is_complete = generate_databases(job, datasets, is_ordered=False)
    differing = _find_differences([*datasets, *generated], job["other_solution"])
    ordered = sorted(differing, key=lambda pair: (pair[0], pair[1]["input"]))
    return [difference for _, difference in ordered[:MAX_DIFFERENCES]], is_complete
