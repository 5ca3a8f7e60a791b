"""A reviewer's version of a draft meets the sandbox, as every draft does."""

from dataclasses import dataclass
from typing import Any

from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import DraftEvidence, apply_edits
from coursewright.domain.edit import Edit, EditCheck
from coursewright.domain.errors import EventInvalid
from coursewright.domain.review import review_id
from coursewright.domain.verification import Verdict
from coursewright.ports.agents import Drafts
from coursewright.ports.generations import Clock
from coursewright.ports.reviews import Audit, Reviews
from coursewright.ports.verification import Sandbox, Verifications
from coursewright.steps.draft_evidence import drafts_with_evidence
from coursewright.steps.verify_draft import check_request
from coursewright.verification.requirements.requirement_coverage import check_requirements


class VerifyEditTask(Record):
    """The input of the step."""

    generation: str
    round: int
    draft: str
    number: int


@dataclass(frozen=True)
class VerifyEditDeps:
    """What an edit is verified with."""

    reviews: Reviews
    drafts: Drafts
    verifications: Verifications
    sandbox: Sandbox
    audit: Audit
    clock: Clock


def verify_edit(task: VerifyEditTask, *, deps: VerifyEditDeps) -> dict[str, bool]:
    """Check one version of a draft, once, unless somebody has decided meanwhile.

    Raises: SandboxUnavailable or CheckFailed.
    """
    review = deps.reviews.get(review_id(task.generation, task.round))
    whole = drafts_with_evidence(
        task.generation, task.round, drafts=deps.drafts, verifications=deps.verifications
    )
    one = next(one for one in whole if one.draft.draft == task.draft)
    edits = deps.reviews.edits(review)
    edit = next(x for x in edits if (x.draft, x.number) == (task.draft, task.number))
    if edit.check is not None:
        return {"verified": edit.check.is_verified}
    evidence = _evidence(apply_edits(one, (edit,)), deps.sandbox)
    check = _check(edit, evidence)
    if deps.reviews.save_check(review.review, check):
        facts = {"review": review.review, "draft": edit.draft, "number": edit.number}
        facts |= {"verified": check.is_verified}
        deps.audit.add(task.generation, "edit_verified", facts, now=deps.clock.now())
    return {"verified": check.is_verified}


def _evidence(one: DraftEvidence, sandbox: Sandbox) -> dict[str, Any]:
    tests, solution = one.require_tests(), one.require_solution()
    try:
        found = sandbox.check(check_request(one.draft, tests, solution))
    except EventInvalid as error:
        # No outage but a fact about the edit: nobody needs to try it again.
        reason = {"code": "input_invalid", "message": str(error)}
        return {"verdict": Verdict.REJECTED.value, "reasons": [reason], "independent": False}
    # Broken requirements are shown but do not reject: the quotes are the model's, the text is the
    # reviewer's.
    requirements = check_requirements(one.draft, tests).model_dump(mode="json")
    return found | {"requirements": requirements, "independent": False}


def _check(edit: Edit, evidence: dict[str, Any]) -> EditCheck:
    return EditCheck(
        draft=edit.draft,
        number=edit.number,
        is_verified=evidence["verdict"] == Verdict.VERIFIED,
        evidence=evidence,
    )
