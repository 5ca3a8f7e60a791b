"""Gathers what the audit holds of a review, with the texts that it names by their sha256."""

from typing import Any

from coursewright.domain.base import text_sha256
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.edit import parts_sha256
from coursewright.domain.review import Review, SignIn
from coursewright.pages.versions import versions_of
from coursewright.pages.view_models import AuditLine, AuditPage
from coursewright.web.form_security import ReaderDeps
from coursewright.web.session import Visit, closed_reason, edited_drafts


def audit_page(visitor: Visit, deps: ReaderDeps) -> AuditPage:
    """Return all that is recorded of a review, oldest first."""
    review = deps.reviews.get(visitor.review.review)
    drafts = {one.draft.draft: one for one in edited_drafts(review, deps)}
    entries = deps.audit.entries(review.generation)
    own = [one for one in entries if one.get("review", review.review) == review.review]
    return AuditPage(
        review=review,
        request=deps.generations.get(review.generation).request,
        reviewer=visitor.address,
        csrf=deps.links.csrf(visitor.session),
        closed_reason=closed_reason(review, deps),
        lines=tuple(_line(entry, review, drafts) for entry in own),
    )


def _line(entry: dict[str, Any], review: Review, drafts: dict[str, DraftEvidence]) -> AuditLine:
    facts = {name: value for name, value in entry.items() if name not in ("event", "at")}
    plain = AuditLine(at=entry["at"], event=entry["event"], facts=facts)
    if plain.event == "review_decided":
        kept = not review.notes or facts.get("notes_sha256", "") == text_sha256(review.notes)
        signed = {"signed_in": SignIn.CODE} | facts
        return plain.model_copy(
            update={"facts": signed, "notes": review.notes, "is_as_recorded": kept}
        )
    if plain.event == "draft_edited" and facts["draft"] in drafts:
        return _with_diff(plain, drafts[facts["draft"]])
    return plain


def _with_diff(line: AuditLine, one: DraftEvidence) -> AuditLine:
    number, after = line.facts["number"], line.facts["after_sha256"]
    version = next((v for v in versions_of(one) if v.edit.number == number), None)
    if version is None:
        return line.model_copy(update={"is_as_recorded": False})
    is_kept = parts_sha256(version.after) == after
    return line.model_copy(update={"diff": version.diff, "is_as_recorded": is_kept})
