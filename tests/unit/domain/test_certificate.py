"""A certificate says in one line what is proved of a draft."""

from typing import Any

from coursewright.domain.brief import Kind
from coursewright.domain.certificate import Certificate, NearDuplicate, certificate_of
from coursewright.domain.verification import CrossCheck, Repair, Verdict, Verification

DRAFT, SOLVER = "openai:m/r1/d1", "openai:n"
EVIDENCE: dict[str, Any] = {
    "solution_passes": True,
    "starter_fails": True,
    "tests_run": 7,
    "mutants": {"total": 24, "killed": 22, "survivors": ["a", "b"]},
    "repeatable": True,
    "requirements": {"given": 7, "not_found": []},
}


def verification(verdict: Verdict = Verdict.VERIFIED, attempt: int = 0) -> Verification:
    return Verification(
        draft=DRAFT,
        attempt=attempt,
        verdict=verdict,
        repair=Repair.NONE,
        tests_attempt=0,
        solution_attempt=attempt,
        evidence=EVIDENCE,
    )


def test_a_verified_draft_is_told_in_one_line() -> None:
    agrees = CrossCheck(draft=DRAFT, solver=SOLVER, agrees=True)

    sealed = certificate_of(DRAFT, Kind.PYTHON, verification(), cross_checks=[agrees])

    assert sealed.words == "7 tests, 22 of 24 mutants killed, starter fails, two models agree"
    assert (sealed.requirements, sealed.requirements_kept) == (7, 7)
    assert sealed.independent is True


def test_doubts_stand_in_the_same_line() -> None:
    differs = CrossCheck(draft=DRAFT, solver=SOLVER, agrees=False)
    near_duplicate = NearDuplicate(of="openai:m/r1/d2", name="Leap years")

    sealed = certificate_of(
        DRAFT,
        Kind.SQL,
        verification(attempt=1),
        cross_checks=[differs],
        near_duplicate=near_duplicate,
    )

    assert sealed.words == (
        "7 datasets, 22 of 24 mutants killed, starter fails, ambiguous (n answers otherwise), "
        "mended once, near copy of “Leap years”"
    )
    assert sealed.is_ambiguous
    assert sealed.independent is False


def test_a_draft_that_is_not_verified_is_called_so() -> None:
    sealed = certificate_of(DRAFT, Kind.PYTHON, verification(Verdict.REJECTED))
    refused = certificate_of(DRAFT, Kind.PYTHON, None)

    assert sealed.words.startswith("not verified, 7 tests")
    assert refused.words == "not verified"


def test_a_certificate_is_small_json_that_reads_back() -> None:
    sealed = certificate_of(DRAFT, Kind.PYTHON, verification())

    body = sealed.model_dump_json()

    assert len(body) < 1_000
    assert Certificate.model_validate_json(body) == sealed
