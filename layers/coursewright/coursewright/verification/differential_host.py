"""Compares a solution with the draft's own; a difference shows that the text is ambiguous."""

from typing import Any

from pydantic import ValidationError

from coursewright.domain.base import Record
from coursewright.domain.evidence import Difference
from coursewright.verification.check_request import CheckRequest, PythonCheck, SqlCheck
from coursewright.verification.load_errors import normalised
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql.mutation_score import read_query

ROUNDS = 40
SECONDS = 1.0
MAX_SHOWN_CHARS = 300


class Differences(Record):
    """The sandbox's answer, smallest inputs first."""

    nonce: str
    differences: tuple[Difference, ...]


def differences(check: CheckRequest, sandbox: Sandbox) -> tuple[Difference, ...]:
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
    return tuple(map(_bounded, found.differences))


def _bounded(difference: Difference) -> Difference:
    texts = difference.model_dump().items()
    return Difference(**{name: text[:MAX_SHOWN_CHARS] for name, text in texts})


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
