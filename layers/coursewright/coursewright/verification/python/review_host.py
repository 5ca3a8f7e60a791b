"""Adds to the evidence what the text's examples and a review of the tests show."""

from pydantic import Field, field_validator

from coursewright.domain.base import Record
from coursewright.domain.evidence import (
    Cause,
    Evidence,
    Finding,
    FindingCode,
    RepairTarget,
    Verdict,
)
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.load_errors import normalised
from coursewright.verification.rejections import doubt, reason, unfinished
from coursewright.verification.sandbox.answer import Reply, UntrustedRecord
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.task_text import Piece, plain_text, read_text

AGAINST_SOLUTION = {FindingCode.EXAMPLE_CONTRADICTS, FindingCode.HARD_CODED_SOLUTION}
REASONS = {
    "assert_true_two_arguments": FindingCode.ASSERT_TRUE_TWO_ARGUMENTS,
    "error_type_too_broad": FindingCode.ERROR_TYPE_TOO_BROAD,
    "assertions_never_run": FindingCode.ASSERTIONS_NEVER_RUN,
    "float_equality": FindingCode.FLOAT_EQUALITY,
    "hard_coded_solution": FindingCode.HARD_CODED_SOLUTION,
}
# Text and tests may disagree, which only a reviewer can decide.
DOUBTS = {
    "trailing_blanks": FindingCode.TRAILING_BLANKS,
    "message_not_in_text": FindingCode.MESSAGE_NOT_IN_TEXT,
    "float_equality_fragile": FindingCode.FLOAT_EQUALITY,
    "hard_coded_solution_suspected": FindingCode.HARD_CODED_SOLUTION,
}

RESERVED = {"code", "where", "blocking"}  # a finding's own fields


class Contradiction(UntrustedRecord):
    """An example in the text, and what the solution does instead."""

    call: str
    stated: str
    actual: str


class ExamplesReply(Reply):
    """How many examples were compared, and which ones the solution contradicts."""

    compared: int
    contradictions: list[Contradiction]


class ReviewFinding(UntrustedRecord):
    """What the review found, and where."""

    code: str
    where: list[str]
    params: dict[str, str]

    @field_validator("params")
    @classmethod
    def _is_not_reserved(cls, params: dict[str, str]) -> dict[str, str]:
        if reserved := RESERVED & params.keys():
            raise ValueError(f"reserved names: {sorted(reserved)}")
        return params


class ReviewReply(Reply):
    """All that the review found."""

    findings: list[ReviewFinding] = Field(max_length=50)


class _Found(Record):
    reasons: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()


def with_review(evidence: Evidence, check: PythonCheck, sandbox: Sandbox) -> Evidence:
    """Add reasons and doubts to the evidence on a draft whose solution passes its tests."""
    if check.reference or not evidence.solution_passes:
        return evidence
    pieces = read_text(check.text)
    parts = (
        _check_examples(normalised(check), pieces, sandbox),
        _review(normalised(check), pieces, sandbox),
    )
    reasons = tuple(each for part in parts for each in part.reasons)
    doubts = tuple(each for part in parts for each in part.doubts)
    return evidence.model_copy(
        update={
            "verdict": Verdict.REJECTED if reasons else evidence.verdict,
            "reasons": (*evidence.reasons, *reasons),
            "doubts": (*evidence.doubts, *doubts),
            "fault": _fault(evidence, reasons),
        }
    )


def _fault(evidence: Evidence, reasons: tuple[Finding, ...]) -> RepairTarget:
    if not reasons or evidence.verdict is Verdict.REJECTED:
        return evidence.fault
    against_solution = all(each.code in AGAINST_SOLUTION for each in reasons)
    return RepairTarget.SOLUTION if against_solution else RepairTarget.TESTS


def _check_examples(check: PythonCheck, pieces: tuple[Piece, ...], sandbox: Sandbox) -> _Found:
    job = {
        "module": check.module,
        "solution": check.solution,
        "starter": check.starter,
        "pieces": [piece.model_dump(mode="json") for piece in pieces],
    }
    answer = sandbox.ask("check_examples", job, ExamplesReply)
    if answer.value is None:
        return _Found(doubts=(unfinished(Cause.EXAMPLES_NOT_RUN),))
    return _Found(
        reasons=tuple(
            reason(FindingCode.EXAMPLE_CONTRADICTS, **each.model_dump())
            for each in answer.value.contradictions
        )
    )


def _review(check: PythonCheck, pieces: tuple[Piece, ...], sandbox: Sandbox) -> _Found:
    job = {
        "module": check.module,
        "tests_module": check.tests_module,
        "solution": check.solution,
        "tests": check.tests,
        "text": plain_text(pieces),
    }
    answer = sandbox.ask("review", job, ReviewReply)
    if answer.value is None:
        return _Found(doubts=(unfinished(Cause.TESTS_NOT_REVIEWED),))
    findings = answer.value.findings
    return _Found(
        reasons=tuple(
            reason(REASONS[f.code], f.where, **f.params) for f in findings if f.code in REASONS
        ),
        doubts=tuple(
            doubt(DOUBTS[f.code], f.where, blocking=True, **f.params)
            for f in findings
            if f.code in DOUBTS
        ),
    )
