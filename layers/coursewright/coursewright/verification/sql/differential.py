"""Looks for rows on which two queries for one task give different answers; read by the worker."""

import json
import time
from collections.abc import Iterator
from typing import Any

from coursewright.verification.sql.edge_cases import quoted
from coursewright.verification.sql.engine import STOPS
from coursewright.verification.sql.mutation_run import Bench, made_benches, stored_values

DIFFERENCES_LIMIT = 2
SHOWN_LIMIT = 250
Stored = dict[str, list[Any]]


def _stored(bench: Bench) -> Stored:
    select = "SELECT * FROM {}"
    return {
        name: bench.connection.execute(select.format(quoted(name))).fetchall()
        for name in bench.tables
    }


def _difference(bench: Bench, variant: str) -> str:
    if not bench.tells(variant, is_ordered=False):
        return ""
    try:
        given = _shown(bench.answer(variant)[1])
    except STOPS as error:
        given = str(error)[:SHOWN_LIMIT]
    return f"gives {given}, the draft's solution {_shown(bench.right[1])}"


def _shown(rows: list[Any]) -> str:
    text = ", ".join(str(tuple(row)) for row in rows) or "no rows"
    return text if len(text) <= SHOWN_LIMIT else f"{text[:SHOWN_LIMIT]}…"


def _differences(job: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Find databases that tell the queries apart, each with its size."""
    deadline = time.monotonic() + job["seconds"]
    schema_sql, query = job["schema_sql"], job["query"]
    benches = [Bench(schema_sql, seed, query) for seed in job["seeds"]]
    values = stored_values([bench.connection for bench in benches], job["literals"])
    for bench in benches:
        bench.prepare()
    for bench in [*benches, *made_benches(schema_sql, query, values, deadline)]:
        if time.monotonic() < deadline and (difference := _difference(bench, job["variant"])):
            stored = _stored(bench)
            rows = "; ".join(f"{name}: {_shown(rows)}" for name, rows in stored.items())
            yield sum(map(len, stored.values())), f"With {rows}\nthe query {difference}"


def answer(job: dict[str, Any]) -> str:
    """Do the job of comparing: give the smallest databases that tell two queries apart."""
    try:
        found = [text for _, text in sorted(_differences(job))]
    except STOPS:
        found = []
    return json.dumps({"nonce": job["nonce"], "differences": found[:DIFFERENCES_LIMIT]})
