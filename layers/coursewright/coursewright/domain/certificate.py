"""The evidence of a draft in one small record and one line of words."""

from collections.abc import Iterable, Iterator
from typing import Any

from coursewright.domain.base import Record
from coursewright.domain.brief import Kind
from coursewright.domain.verification import CrossCheck, Verdict, Verification

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class NearDuplicate(Record):
    """What a draft is a near copy of: another draft, or an assignment published before."""

    of: str
    name: str
    is_published: bool = False
    similarity: int = 0


class Certificate(Record):
    """What is proved of a draft; `words` says it in a line."""

    draft: str
    attempt: int
    verified: bool
    tests: int
    mutants: int
    mutants_killed: int
    starter_fails: bool
    repeatable: bool
    independent: bool
    requirements: int | None
    requirements_kept: int | None
    agreeing: tuple[str, ...]
    disagreeing: tuple[str, ...]
    disagreements: tuple[str, ...]
    near_duplicate: NearDuplicate | None
    words: str

    @property
    def is_ambiguous(self) -> bool:
        """Whether another model reads the text otherwise."""
        return bool(self.disagreeing)


def certificate_of(
    draft: str,
    kind: Kind,
    verification: Verification | None,
    *,
    cross_checks: Iterable[CrossCheck] = (),
    near_duplicate: NearDuplicate | None = None,
) -> Certificate:
    """Sum up what is known about a draft."""
    evidence = verification.evidence if verification else {}
    mutants = evidence.get("mutants") or {}
    requirements = evidence.get("requirements") or {}
    attempt = verification.attempt if verification else 0
    checks = sorted(cross_checks, key=lambda one: one.solver)
    facts: dict[str, Any] = {
        "draft": draft,
        "attempt": attempt,
        "verified": verification is not None and verification.verdict is Verdict.VERIFIED,
        "tests": evidence.get("tests_run", 0),
        "mutants": mutants.get("total", 0),
        "mutants_killed": mutants.get("killed", 0),
        "starter_fails": bool(evidence.get("starter_fails")),
        "repeatable": bool(evidence.get("repeatable")),
        "independent": verification is not None and attempt == 0,
        "requirements": requirements.get("given"),
        "requirements_kept": _kept(requirements),
        "agreeing": tuple(one.solver for one in checks if one.agrees),
        "disagreeing": tuple(one.solver for one in checks if one.agrees is False),
        "disagreements": tuple(said for one in checks for said in one.disagreements),
        "near_duplicate": near_duplicate,
    }
    sealed = Certificate(**facts, words="")
    return sealed.model_copy(update={"words": ", ".join(_words(sealed, kind, evidence))})


def _kept(requirements: dict[str, Any]) -> int | None:
    if "given" not in requirements:
        return None
    return int(requirements["given"]) - len(requirements["not_found"])


def _words(sealed: Certificate, kind: Kind, evidence: dict[str, Any]) -> Iterator[str]:
    if not sealed.verified:
        yield "not verified"
    if sealed.tests:
        noun = "dataset" if kind is Kind.SQL else "test"
        yield f"{sealed.tests} {noun}{'' if sealed.tests == 1 else 's'}"
    if sealed.mutants:
        yield f"{sealed.mutants_killed} of {sealed.mutants} mutants killed"
    if evidence:
        yield "starter fails" if sealed.starter_fails else "starter passes"
    yield from _others(sealed)


def _others(sealed: Certificate) -> Iterator[str]:
    if sealed.agreeing:
        agree = len(sealed.agreeing) + 1
        yield f"{NUMBERS[agree] if agree < len(NUMBERS) else agree} models agree"
    if sealed.is_ambiguous:
        yield f"ambiguous ({', '.join(map(_short, sealed.disagreeing))} answers otherwise)"
    if sealed.attempt:
        yield f"mended {'once' if sealed.attempt == 1 else 'twice'}"
    if sealed.near_duplicate:
        yield f"near copy of “{sealed.near_duplicate.name}”"


def _short(model: str) -> str:
    return model.partition(":")[2] or model
