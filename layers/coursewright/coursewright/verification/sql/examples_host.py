"""Adds to the evidence what a text's example tables show."""

from coursewright.domain.evidence import Cause, Evidence, FindingCode, RepairTarget, Verdict
from coursewright.verification.check_request import SqlCheck
from coursewright.verification.rejections import reason, unfinished
from coursewright.verification.sandbox.answer import Reply, UntrustedRecord
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.task_text import read_text


class TableContradiction(UntrustedRecord):
    """The rows that the text states, and those that the query returns."""

    stated: str
    actual: str


class TablesReply(Reply):
    """How many examples were compared, and which ones the query contradicts."""

    compared: int
    contradictions: list[TableContradiction]


def with_example_tables(evidence: Evidence, check: SqlCheck, sandbox: Sandbox) -> Evidence:
    """Compare the example tables in the text of a draft whose query passes its datasets."""
    if check.reference or not evidence.solution_passes:
        return evidence
    job = {
        "schema_sql": check.schema_sql,
        "query": check.solution,
        "is_ordered": check.ordered,
        "allows_quoted_text": True,
        "pieces": [piece.model_dump(mode="json") for piece in read_text(check.text)],
    }
    answer = sandbox.ask("check_examples", job, TablesReply)
    if answer.value is None:
        unrun = unfinished(Cause.EXAMPLES_NOT_RUN)
        return evidence.model_copy(update={"doubts": (*evidence.doubts, unrun)})
    reasons = tuple(
        reason(FindingCode.EXAMPLE_TABLE_CONTRADICTS, **each.model_dump())
        for each in answer.value.contradictions
    )
    if not reasons:
        return evidence
    was_verified = evidence.verdict is Verdict.VERIFIED
    return evidence.model_copy(
        update={
            "verdict": Verdict.REJECTED,
            "reasons": (*evidence.reasons, *reasons),
            "fault": RepairTarget.SOLUTION if was_verified else evidence.fault,
        }
    )
