"""Sums up what is known about each draft of a round, once, before a person sees it."""

from coursewright.domain.certificate import certificate_of
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
    """Keep a certificate for each draft of a round; the first ones stand."""
    generation = request.generation
    whole = drafts_with_evidence(
        generation, round_number, drafts=drafts, verifications=verifications
    )
    published = assignments.of_module(request.course.id, request.module.id)
    before = [one for one in published if one.generation != generation]
    near_copies = find_near_duplicates([one.draft for one in whole], before)
    checks = verifications.cross_checks(generation, round_number)
    sealed = (
        certificate_of(
            one.draft.draft,
            one.draft.kind,
            one.verification,
            cross_checks=[check for check in checks if check.draft == one.draft.draft],
            near_duplicate=near_copies.get(one.draft.draft),
        )
        for one in whole
    )
    verifications.save_certificates(generation, round_number, tuple(sealed))
