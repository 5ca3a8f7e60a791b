"""Stores a certificate for each draft of a round, before reviewers see the drafts."""

from coursewright.domain.certificate import build_certificate
from coursewright.domain.generation import GenerationRequest
from coursewright.ports.agents import Drafts
from coursewright.ports.assignments import Assignments
from coursewright.ports.verification import Verifications
from coursewright.steps.draft_evidence import drafts_with_evidence
from coursewright.verification.near_duplicates import find_near_duplicates


def certify_drafts(
    request: GenerationRequest,
    round_number: int,
    *,
    drafts: Drafts,
    verifications: Verifications,
    assignments: Assignments,
) -> None:
    """Store a certificate for each draft of a round; certificates already stored are kept."""
    generation = request.generation
    whole = drafts_with_evidence(
        generation, round_number, drafts=drafts, verifications=verifications
    )
    published = assignments.of_module(request.course.id, request.module.id)
    before = [each for each in published if each.generation != generation]
    near_duplicates = find_near_duplicates([each.draft for each in whole], before)
    checks = verifications.cross_checks(generation, round_number)
    certificates = (
        build_certificate(
            each.draft.draft,
            each.verification,
            cross_checks=[check for check in checks if check.draft == each.draft.draft],
            near_duplicate=near_duplicates.get(each.draft.draft),
        )
        for each in whole
    )
    verifications.save_certificates(generation, round_number, tuple(certificates))
