"""Runs a query on one dataset in other row orders and as other databases would; in the worker."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from coursewright.verification.sql.engine import QUERY_ERRORS, Database, Result
from coursewright.verification.sql.other_databases import integer_divisions, null_order_matters
from coursewright.verification.sql.row_equality import same_rows
from coursewright.verification.sql.row_order import (
    Snapshot,
    results_in_both_directions,
    results_in_other_orders,
    take_snapshot,
)


def vary(job: dict[str, Any]) -> str:
    """Return, as JSON, how a query's result depends on the row order and on the database."""
    variation: dict[str, Any] = {"row_order": "", "null_order": False, "divisions": []}
    query, is_ordered = job["query"], job["is_ordered"]
    try:
        with Database(allows_quoted_text=job["allows_quoted_text"]) as database:
            for _ in database.load(job["schema_sql"], job["seed_sql"]):
                pass
            snapshot = take_snapshot(database, query)
            database.make_read_only()
            first = database.run(query)
            variation["divisions"] = integer_divisions(database, query)
            variation["null_order"] = null_order_matters(
                database, query, first, is_ordered=is_ordered
            )
            backwards = results_in_both_directions(database, query)
            variation["row_order"] = _difference(first, backwards, is_ordered=is_ordered)
        if not variation["row_order"]:
            variation["row_order"] = _difference_on_copies(first, snapshot, job)
    except QUERY_ERRORS:
        variation["row_order"] = "not_finished"
    return json.dumps({"nonce": job["nonce"], **variation})


def _difference_on_copies(first: Result, snapshot: Snapshot, job: dict[str, Any]) -> str:
    query, is_ordered = job["query"], job["is_ordered"]
    try:
        others = results_in_other_orders(snapshot, query)
        return _difference(first, others, is_ordered=is_ordered)
    except QUERY_ERRORS:
        others = results_in_other_orders(snapshot, query, has_indexes=True)
        return _difference(first, others, is_ordered=is_ordered)


def _difference(first: Result, others: Iterator[Result], *, is_ordered: bool) -> str:
    """Return whether another result has different rows, or the same rows in a different order."""
    kinds = {_kind(first.rows, other.rows, is_ordered=is_ordered) for other in others}
    return "rows" if "rows" in kinds else "sequence" if "sequence" in kinds else ""


def _kind(rows: Sequence[Any], others: Sequence[Any], *, is_ordered: bool) -> str:
    if not same_rows(rows, others, is_ordered=False):
        return "rows"
    return "" if same_rows(rows, others, is_ordered=is_ordered) else "sequence"
