"""Verifies a reviewer's version of a draft in the sandbox."""

from dataclasses import dataclass

from coursewright.domain.draft_evidence import DraftEvidence, apply_edits
from coursewright.domain.edit import Edit, EditCheck, VerifyEditTask
from coursewright.domain.errors import EventInvalid
from coursewright.domain.evidence import VERIFIER_VERSION, Evidence, FindingCode, Verdict
from coursewright.domain.review import review_id
from coursewright.ports.agents import Drafts
from coursewright.ports.generations import Clock, Generations
from coursewright.ports.reviews import Audit, Reviews
from coursewright.ports.verification import Sandbox, Verifications
from coursewright.steps.draft_evidence import drafts_with_evidence
from coursewright.steps.verify_draft import check_request
from coursewright.verification.rejections import reason
from coursewright.verification.requirements.requirement_coverage import (
    check_requirements,
    with_requirements,
)


@dataclass(frozen=True)
class VerifyEditDeps:
    """Ports used by `verify_edit`."""

    reviews: Reviews
    drafts: Drafts
    generations: Generations
    verifications: Verifications
    sandbox: Sandbox
    audit: Audit
    clock: Clock


def verify_edit(task: VerifyEditTask, *, deps: VerifyEditDeps) -> dict[str, bool]:
    """Check a version of a draft, once, unless the review was decided in the meantime.

    Raises: SandboxUnavailable or CheckFailed.
    """
    review = deps.reviews.get(review_id(task.generation, task.round))
    whole = drafts_with_evidence(
        task.generation, task.round, drafts=deps.drafts, verifications=deps.verifications
    )
    draft = next(each for each in whole if each.draft.draft == task.draft)
    edits = deps.reviews.edits(review)
    edit = next(e for e in edits if (e.draft, e.number) == (task.draft, task.number))
    if edit.check is not None:
        return {"verified": edit.check.is_verified}
    language = deps.generations.get(task.generation).request.brief.language
    evidence = _evidence(apply_edits(draft, (edit,)), deps.sandbox, language)
    check = _check(edit, evidence)
    if deps.reviews.save_check(review.review, check):
        facts = {"review": review.review, "draft": edit.draft, "number": edit.number}
        facts |= {"verified": check.is_verified}
        deps.audit.add(task.generation, "edit_verified", facts, now=deps.clock.now())
    return {"verified": check.is_verified}


def _evidence(edited: DraftEvidence, sandbox: Sandbox, language: str) -> Evidence:
    tests, solution = edited.require_tests(), edited.require_solution()
    try:
        request = check_request(edited.draft, tests, solution, language=language)
        evidence = sandbox.check(request)
    except EventInvalid as error:
        # The edit itself is invalid, so a retry would not help.
        invalid = reason(FindingCode.INPUT_INVALID, error=str(error))
        return Evidence(
            verdict=Verdict.REJECTED, reasons=(invalid,), verifier_version=VERIFIER_VERSION
        )
    # Unmet requirements do not reject: the model chose the quotes, but the reviewer wrote the text.
    coverage = check_requirements(edited.draft, tests)
    return with_requirements(evidence, coverage, may_reject=False)


def _check(edit: Edit, evidence: Evidence) -> EditCheck:
    return EditCheck(
        draft=edit.draft,
        number=edit.number,
        is_verified=evidence.verdict is Verdict.VERIFIED,
        evidence=evidence,
    )
