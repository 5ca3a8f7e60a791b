"""The certificate: a compact, factual summary of the evidence about a draft."""

from collections.abc import Iterable, Iterator
from typing import Any

from coursewright.domain.base import Record
from coursewright.domain.evidence import Evidence, Finding, FindingCode, Verdict
from coursewright.domain.verification import CrossCheck, Disagreement, Verification


class NearDuplicate(Record):
    """A draft or published assignment that a draft nearly duplicates; similarity is in percent."""

    of: str
    name: str
    is_published: bool = False
    similarity: int = 0


class Certificate(Record):
    """What verification proved about a draft, and what remains in doubt."""

    draft: str
    attempt: int
    verified: bool
    checked: bool  # whether any code was run
    tests: int
    mutants: int
    mutants_killed: int
    starter_fails: bool
    repeatable: bool
    independent: bool
    requirements: int | None
    requirements_met: int | None
    agreeing: tuple[str, ...]
    disagreeing: tuple[str, ...]
    disagreements: tuple[Disagreement, ...]
    near_duplicate: NearDuplicate | None
    doubts: tuple[Finding, ...] = ()

    @property
    def is_ambiguous(self) -> bool:
        """Whether another model interprets the text differently."""
        return bool(self.disagreeing)


def build_certificate(
    draft: str,
    verification: Verification | None,
    *,
    cross_checks: Iterable[CrossCheck] = (),
    near_duplicate: NearDuplicate | None = None,
) -> Certificate:
    """Summarise a draft's evidence in a certificate."""
    checks = sorted(cross_checks, key=lambda check: check.solver)
    disagreeing = tuple(check.solver for check in checks if check.agrees is False)
    attempt = verification.attempt if verification else 0
    evidence = verification.evidence if verification else None
    return Certificate(
        draft=draft,
        attempt=attempt,
        verified=verification is not None and verification.verdict is Verdict.VERIFIED,
        checked=verification is not None,
        independent=verification is not None and attempt == 0,
        agreeing=tuple(check.solver for check in checks if check.agrees),
        disagreeing=disagreeing,
        disagreements=tuple(each for check in checks for each in check.disagreements),
        near_duplicate=near_duplicate,
        doubts=(
            *(evidence.doubts if evidence else ()),
            *_doubts_from_comparison(disagreeing, near_duplicate),
        ),
        **_measurements(evidence),
    )


def _doubts_from_comparison(
    disagreeing: tuple[str, ...], near_duplicate: NearDuplicate | None
) -> Iterator[Finding]:
    if disagreeing:
        yield Finding(code=FindingCode.AMBIGUOUS, params={"models": disagreeing})
    if near_duplicate:
        params = near_duplicate.model_dump(include={"name", "similarity"})
        if not near_duplicate.is_published:
            params["model"] = near_duplicate.of.partition("/r")[0]
        yield Finding(code=FindingCode.NEAR_DUPLICATE, params=params, blocking=False)


def _measurements(evidence: Evidence | None) -> dict[str, Any]:
    requirements = evidence.requirements if evidence else None
    return {
        "tests": evidence.tests_run if evidence else 0,
        "mutants": evidence.mutants.total if evidence else 0,
        "mutants_killed": evidence.mutants.killed if evidence else 0,
        "starter_fails": evidence is not None and evidence.starter_fails,
        "repeatable": evidence is not None and evidence.repeatable,
        "requirements": requirements.given if requirements else None,
        "requirements_met": requirements.met if requirements else None,
    }
