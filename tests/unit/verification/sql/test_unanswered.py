"""What a check could not find out never counts in a draft's favour."""

from typing import Any

import pytest

from coursewright.domain.errors import StepUnanswered
from coursewright.domain.evidence import Cause, FindingCode, Verdict
from coursewright.verification.check_request import SqlCheck
from coursewright.verification.sandbox.answer import Answer, Reply, Status
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql.check import check_sql
from coursewright.verification.sql.mutation_score import mutation_doubts
from coursewright.verification.sql.replies import MutationRun
from tests.unit.verification.sql.builders import correct_draft

STEPS = ("query", "read", "vary", "mutate")
GOOD = correct_draft("SELECT title FROM book ORDER BY title, id", is_ordered=True)
BAD = {
    "a tie": correct_draft("SELECT title FROM book ORDER BY price", is_ordered=True),
    "wrong rows": GOOD.model_copy(update={"solution": "SELECT name AS title FROM author"}),
    "weak datasets": correct_draft("SELECT title FROM book WHERE pages > 9 AND id > 0 AND id > -1"),
}
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
HEAVY = (
    f"{NUMBERS.format(60_000)}SELECT MAX(i) + MAX(pages) AS m FROM n, book WHERE book.id IN (1, 9)"
)


class FaultySandbox(Sandbox):
    """A sandbox in which one step ends without a reply."""

    def __init__(self, sandbox: Sandbox, step: str, status: Status | None) -> None:
        self._sandbox, self._step, self._status = sandbox, step, status

    def ask[T: Reply](
        self,
        action: str,
        payload: dict[str, Any],
        reply_type: type[T],
        *,
        max_fuel: int | None = None,
    ) -> Answer[T]:
        """Answer like the real sandbox, except for one step."""
        if action != self._step:
            return self._sandbox.ask(action, payload, reply_type)
        if self._status is None:
            raise StepUnanswered(action)
        return Answer(self._status, None, 0)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_without_an_answer_leads_to_no_verdict(step: str, sql_sandbox: Sandbox) -> None:
    with pytest.raises(StepUnanswered):
        check_sql(GOOD, FaultySandbox(sql_sandbox, step, None))


@pytest.mark.parametrize("draft", BAD.values(), ids=BAD)
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", [Status.OUT_OF_MEMORY, Status.ENDED_EARLY, Status.TIMED_OUT])
def test_a_step_that_uses_up_its_limits_makes_no_bad_draft_publishable(
    status: Status, step: str, draft: SqlCheck, sql_sandbox: Sandbox
) -> None:
    evidence = check_sql(draft, FaultySandbox(sql_sandbox, step, status))

    is_blocked = any(doubt.blocking for doubt in evidence.doubts)
    assert evidence.verdict is Verdict.REJECTED or is_blocked


def test_a_query_too_heavy_for_all_mutants_is_a_blocking_doubt(sql_sandbox: Sandbox) -> None:
    evidence = check_sql(correct_draft(HEAVY), sql_sandbox)

    causes = {doubt.params.get("cause") for doubt in evidence.doubts if doubt.blocking}
    assert Cause.MUTANTS_LEFT in causes


@pytest.mark.parametrize(
    ("parts", "cause", "is_blocking"),
    [
        ({"is_understood": False}, Cause.QUERY_NOT_READ, True),
        ({"equivalent": ("DISTINCT is added",)}, Cause.ALL_EQUIVALENT, False),
        ({}, Cause.NOTHING_TO_MUTATE, False),
    ],
)
def test_no_mutants_are_a_doubt_with_its_cause(
    parts: dict[str, Any], cause: Cause, is_blocking: bool
) -> None:
    (doubt,) = mutation_doubts(MutationRun(nonce="", is_finished=True, **parts))

    assert (doubt.code, doubt.blocking) == (FindingCode.NO_MUTANTS, is_blocking)
    assert doubt.params["cause"] == cause


def test_the_same_query_uses_the_same_number_of_steps_every_time(sql_sandbox: Sandbox) -> None:
    steps = {_steps_until_refused(sql_sandbox) for _ in range(3)}

    assert len(steps) == 1


def _steps_until_refused(sandbox: Sandbox) -> int:
    """Return the largest number of rows, in thousands, that a query may count."""
    allowed = 0
    for thousands in range(100, 700, 50):
        query = NUMBERS.format(thousands * 1000) + "SELECT sum(i) AS s FROM n, author LIMIT 1"
        draft = GOOD.model_copy(update={"solution": query, "ordered": False})
        reasons = check_sql(draft.model_copy(update={"reference": query}), sandbox).reasons
        if FindingCode.TIMED_OUT in {reason.code for reason in reasons}:
            return allowed
        allowed = thousands
    return allowed
