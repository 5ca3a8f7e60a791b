"""Compares a solution with the draft's own: where they differ, the text leaves something open."""

from typing import Any

from pydantic import ValidationError

from coursewright.domain.base import Record
from coursewright.verification.check_request import CheckRequest, PythonCheck, SqlCheck
from coursewright.verification.load_errors import normalised
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql.mutation_score import read_query

ROUNDS = 40
SECONDS = 1.0
MAX_DIFFERENCE_CHARS = 600


class Differences(Record):
    """Inputs with both outputs, the smallest first."""

    nonce: str
    differences: list[str]


def differences(check: CheckRequest, sandbox: Sandbox) -> tuple[str, ...]:
    """Return inputs on which a solution and the draft's own give different results."""
    if not check.reference.strip():
        return ()
    job = _python(normalised(check)) if isinstance(check, PythonCheck) else _sql(check, sandbox)
    answer, nonce = sandbox.run("compare", job, timeout_seconds=2 * sandbox.limits.seconds)
    try:
        found = Differences.model_validate_json(answer.raw)
    except ValidationError:
        return ()
    if found.nonce != nonce:
        return ()
    return tuple(text[:MAX_DIFFERENCE_CHARS] for text in found.differences)


def _python(check: PythonCheck) -> dict[str, Any]:
    return {
        "module": check.module,
        "tests_module": check.tests_module,
        "solution": check.reference,
        "other_solution": check.solution,
        "tests": check.tests,
        "rounds": ROUNDS,
        "seconds": SECONDS,
    }


def _sql(check: SqlCheck, sandbox: Sandbox) -> dict[str, Any]:
    own = check.model_copy(update={"solution": check.reference})
    return {
        "schema_sql": check.schema_sql,
        "seeds": [dataset.seed_sql for dataset in check.datasets],
        "query": check.reference,
        "other_solution": check.solution,
        "literals": read_query(own, sandbox).literals,
        "seconds": SECONDS,
    }
