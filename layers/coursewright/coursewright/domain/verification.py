"""A draft's verifications and cross-checks in the form in which they are stored."""

from coursewright.domain.base import Record
from coursewright.domain.evidence import (
    Cause,
    Difference,
    Evidence,
    Failure,
    Finding,
    RepairTarget,
    Verdict,
)

MAX_REPAIRS = 2


class Verification(Record):
    """The evidence of one attempt, and which part to repair next."""

    draft: str
    attempt: int
    verdict: Verdict
    repair: RepairTarget
    tests_attempt: int
    solution_attempt: int
    evidence: Evidence


class Disagreement(Record):
    """One way in which an independent solution differs from the draft's own.

    Either an input with both results, a test that the solution fails, or the reason why the
    solutions could not be compared.
    """

    solver: str
    difference: Difference | None = None
    failure: Failure | None = None
    reason: Finding | None = None


class CrossCheck(Record):
    """The comparison with a solution that another model wrote from the text and starter alone.

    `agrees` is None if that model did not solve the draft.
    """

    draft: str
    solver: str
    agrees: bool | None
    disagreements: tuple[Disagreement, ...] = ()


def repair_at(fault: RepairTarget, attempt: int) -> RepairTarget:
    """Choose the part to repair: first the one at fault, then the other, then none."""
    if attempt >= MAX_REPAIRS or fault is RepairTarget.NONE:
        return RepairTarget.NONE
    other = RepairTarget.SOLUTION if fault is RepairTarget.TESTS else RepairTarget.TESTS
    return fault if attempt == 0 else other


def disagreements(evidence: Evidence, solver: str) -> tuple[Disagreement, ...]:
    """Return how a solver's solution differs: inputs, failed tests, or why that is unknown."""
    inputs = [Disagreement(solver=solver, difference=each) for each in evidence.differences]
    failed = [Disagreement(solver=solver, failure=failure) for failure in evidence.failures]
    if inputs or failed:
        return (*inputs, *failed)
    unknown = (*evidence.reasons, *not_compared(evidence))
    return tuple(Disagreement(solver=solver, reason=reason) for reason in unknown)


def not_compared(evidence: Evidence) -> tuple[Finding, ...]:
    """Return the doubts raised because two solutions could not be compared."""
    return tuple(d for d in evidence.doubts if d.params.get("cause") == Cause.NOT_COMPARED)
