"""Gathers a review's audit trail with the texts that its entries identify by hash."""

from typing import Any

from coursewright.domain.base import text_sha256
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.edit import parts_sha256
from coursewright.domain.review import Review, SignIn
from coursewright.pages.diffs import draft_versions
from coursewright.pages.view_models import AuditLine, AuditPage
from coursewright.steps.reviewed_drafts import ReviewDeps, edited_drafts
from coursewright.web.session import ReviewSession, closed_reason


def audit_page(session: ReviewSession, deps: ReviewDeps) -> AuditPage:
    """Return the audit trail of a review, oldest entry first."""
    review = deps.reviews.get(session.review.review)
    drafts = {draft.draft.draft: draft for draft in edited_drafts(review, deps)}
    entries = deps.audit.entries(review.generation)
    own = [entry for entry in entries if entry.get("review", review.review) == review.review]
    return AuditPage(
        review=review,
        request=deps.generations.get(review.generation).request,
        reviewer=session.address,
        csrf=deps.links.csrf(session.cookie),
        closed_reason=closed_reason(session, review, deps),
        lines=tuple(_line(entry, review, drafts) for entry in own),
    )


def _line(entry: dict[str, Any], review: Review, drafts: dict[str, DraftEvidence]) -> AuditLine:
    facts = {name: value for name, value in entry.items() if name not in ("event", "at")}
    line = AuditLine(at=entry["at"], event=entry["event"], facts=facts)
    if line.event == "review_decided":
        return _decision_line(line, review, drafts)
    if line.event == "draft_edited" and facts["draft"] in drafts:
        return _with_diff(line, drafts[facts["draft"]])
    return line


def _decision_line(line: AuditLine, review: Review, drafts: dict[str, DraftEvidence]) -> AuditLine:
    recorded = line.facts.get("notes_sha256", "")
    confirmed = line.facts.get("confirmed_doubts", {})
    return line.model_copy(
        update={
            "facts": {"signed_in": SignIn.CODE} | line.facts,
            "notes": review.notes,
            "confirmed": {name: drafts[name].blocking_doubts for name in confirmed},
            "is_as_recorded": not review.notes or recorded == text_sha256(review.notes),
        }
    )


def _with_diff(line: AuditLine, draft: DraftEvidence) -> AuditLine:
    number, recorded = line.facts["number"], line.facts["after_sha256"]
    versions = (each for each in draft_versions(draft) if each.edit.number == number)
    version = next(versions, None)
    if version is None:
        return line.model_copy(update={"is_as_recorded": False})
    is_same = parts_sha256(version.after) == recorded
    return line.model_copy(update={"diff": version.diff, "is_as_recorded": is_same})
