"""Runs one query on one dataset; runs in the worker."""

import json
from typing import Any

from coursewright.verification.sql.edge_cases import find_edge_cases
from coursewright.verification.sql.engine import QUERY_ERRORS, Database

MAX_EDGES = 20


def query(job: dict[str, Any]) -> str:
    """Return, as JSON, the query's rows, or the problem and the stage at which it occurred."""
    return json.dumps({"nonce": job["nonce"], **_run(job)})


def _run(job: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {"stage": "schema", "problem": None, "message": ""}
    result |= {"columns": [], "rows": [], "edges": []}
    with Database(allows_quoted_text=job["allows_quoted_text"]) as database:
        try:
            for stage in database.load(job["schema_sql"], job["seed_sql"]):
                result["stage"] = stage
            result["edges"] = find_edge_cases(database.connection)[:MAX_EDGES]
            result["stage"] = "query"
            database.make_read_only()
            result |= database.run(job["query"])._asdict()
        except QUERY_ERRORS as error:
            problem = database.problem(error)
            result |= {"problem": problem, "message": database.message(error)}
    return result
