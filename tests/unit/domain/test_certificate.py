"""A certificate contains the facts that verification established about a draft."""

from coursewright.domain.certificate import Certificate, NearDuplicate, build_certificate
from coursewright.domain.evidence import Evidence, FindingCode, Mutants, RepairTarget, Verdict
from coursewright.domain.requirement import RequirementCoverage
from coursewright.domain.verification import CrossCheck, Verification
from coursewright.verification.rejections import doubt

DRAFT, SOLVER = "openai:m/r1/d1", "openai:n"
EVIDENCE = Evidence(
    verdict=Verdict.VERIFIED,
    solution_passes=True,
    starter_fails=True,
    tests_run=7,
    mutants=Mutants(total=24, killed=22, survivors=("a", "b")),
    repeatable=True,
    requirements=RequirementCoverage(given=7, not_found=()),
)


def verification(verdict: Verdict = Verdict.VERIFIED, attempt: int = 0) -> Verification:
    return Verification(
        draft=DRAFT,
        attempt=attempt,
        verdict=verdict,
        repair=RepairTarget.NONE,
        tests_attempt=0,
        solution_attempt=attempt,
        evidence=EVIDENCE.model_copy(update={"verdict": verdict}),
    )


def test_a_certificate_contains_the_measurements_of_a_verified_draft() -> None:
    agrees = CrossCheck(draft=DRAFT, solver=SOLVER, agrees=True)

    certificate = build_certificate(DRAFT, verification(), cross_checks=[agrees])

    assert (certificate.verified, certificate.independent) == (True, True)
    assert (certificate.tests, certificate.mutants, certificate.mutants_killed) == (7, 24, 22)
    assert (certificate.requirements, certificate.requirements_met) == (7, 7)
    assert certificate.agreeing == (SOLVER,)


def test_a_certificate_contains_all_doubts_and_only_a_disagreement_blocks() -> None:
    differs = CrossCheck(draft=DRAFT, solver=SOLVER, agrees=False)
    near_duplicate = NearDuplicate(of="openai:m/r1/d2", name="Leap years")
    evidence = EVIDENCE.model_copy(update={"doubts": (doubt(FindingCode.NO_REQUIREMENTS),)})
    doubted = verification(attempt=1).model_copy(update={"evidence": evidence})

    certificate = build_certificate(
        DRAFT, doubted, cross_checks=[differs], near_duplicate=near_duplicate
    )

    assert certificate.is_ambiguous
    assert certificate.near_duplicate == near_duplicate
    assert certificate.independent is False
    assert [(doubt.code, doubt.blocking) for doubt in certificate.doubts] == [
        (FindingCode.NO_REQUIREMENTS, False),
        (FindingCode.AMBIGUOUS, True),
        (FindingCode.NEAR_DUPLICATE, False),
    ]


def test_a_draft_that_was_not_checked_has_no_measurements() -> None:
    rejected = build_certificate(DRAFT, verification(Verdict.REJECTED))
    unchecked = build_certificate(DRAFT, None)

    assert (rejected.verified, rejected.checked, rejected.tests) == (False, True, 7)
    assert (unchecked.verified, unchecked.checked, unchecked.tests) == (False, False, 0)


def test_a_certificate_is_small_json_that_reads_back() -> None:
    certificate = build_certificate(DRAFT, verification())

    body = certificate.model_dump_json()

    assert len(body) < 1_000
    assert Certificate.model_validate_json(body) == certificate
