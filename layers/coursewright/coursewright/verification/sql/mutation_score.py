"""Judges a draft's datasets by the mutants of its query that they notice."""

from collections.abc import Iterator

from coursewright.domain.evidence import Cause, Finding, FindingCode, Mutants
from coursewright.verification.rejections import doubt, reason, unfinished
from coursewright.verification.sql.replies import MutationRun

MIN_MUTATION_SCORE = 0.8


def mutants_of(run: MutationRun) -> Mutants:
    """Count the mutants that were killed, of those that differ from the query."""
    killed = len(run.killed)
    return Mutants(
        total=killed + len(run.survivors),
        killed=killed,
        survivors=run.survivors,
        unproven=run.equivalent,
    )


def too_weak(mutants: Mutants) -> Iterator[Finding]:
    """Yield the reason against datasets that let more than a fifth of the mutants survive.

    A single survivor is listed but does not count against the draft, because the tables may allow
    rows that the text rules out.
    """
    if len(mutants.survivors) > 1 and mutants.killed < MIN_MUTATION_SCORE * mutants.total:
        yield reason(FindingCode.TESTS_TOO_WEAK, killed=mutants.killed, total=mutants.total)


def mutation_doubts(run: MutationRun) -> Iterator[Finding]:
    """Yield the doubts that no mutant was counted, or that some did not run."""
    if not run.is_finished:
        yield unfinished(Cause.MUTANTS_LEFT)
    elif not run.is_understood:
        yield doubt(FindingCode.NO_MUTANTS, blocking=True, cause=Cause.QUERY_NOT_READ)
    elif not run.killed and not run.survivors:
        cause = Cause.ALL_EQUIVALENT if run.equivalent else Cause.NOTHING_TO_MUTATE
        yield doubt(FindingCode.NO_MUTANTS, cause=cause)
