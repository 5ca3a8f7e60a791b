"""Compares a solution with the draft's own; a difference shows that the text is ambiguous."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from coursewright.domain.evidence import Cause, Difference, Finding
from coursewright.verification.check_request import CheckRequest, PythonCheck, SqlCheck
from coursewright.verification.load_errors import normalised
from coursewright.verification.rejections import unfinished
from coursewright.verification.sandbox.answer import Reply
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql.runner import Runner

# Further values are tried in this many rounds, or in half as many if they take too long.
MIN_ROUNDS, MAX_ROUNDS = 5, 40
MAX_SHOWN_CHARS = 300


class Differences(Reply):
    """The sandbox's answer, smallest inputs first."""

    differences: tuple[Difference, ...]
    is_complete: bool = True


class Comparison(NamedTuple):
    """Inputs on which two solutions differ, and whether they could be compared."""

    differences: tuple[Difference, ...] = ()
    doubts: tuple[Finding, ...] = ()


def compare_solutions(check: CheckRequest, sandbox: Sandbox) -> Comparison:
    """Return inputs on which a solution and the draft's own give different results."""
    if not check.reference.strip():
        return Comparison()
    job = _python(normalised(check)) if isinstance(check, PythonCheck) else _sql(check, sandbox)
    for rounds in _fewer_rounds():
        answer = sandbox.ask("compare", {**job, "rounds": rounds}, Differences)
        if answer.value:
            is_complete = rounds and answer.value.is_complete
            doubts = () if is_complete else (unfinished(Cause.NOT_COMPARED),)
            return Comparison(tuple(map(_bounded, answer.value.differences)), doubts)
    return Comparison(doubts=(unfinished(Cause.NOT_COMPARED),))


def _fewer_rounds() -> Iterator[int]:
    """Yield 40, 20, 10, 5 and no rounds; with none, only the tests' own values are tried."""
    rounds = MAX_ROUNDS
    while rounds >= MIN_ROUNDS:
        yield rounds
        rounds //= 2
    yield 0


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
    }


def _sql(check: SqlCheck, sandbox: Sandbox) -> dict[str, Any]:
    own = Runner(
        check.model_copy(update={"solution": check.reference}), sandbox, allows_quoted_text=True
    )
    return own.generation_job(check.reference, own.facts()) | {"other_solution": check.solution}
