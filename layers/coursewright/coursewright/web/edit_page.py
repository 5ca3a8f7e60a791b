"""Gathers the page on which a reviewer changes one draft; nothing is written."""

from coursewright.domain.draft_evidence import DraftEvidence, to_reviewed_draft
from coursewright.domain.edit import current_edit
from coursewright.domain.errors import LinkInvalid
from coursewright.domain.review import hash_shown_drafts
from coursewright.pages.edit_form import fields_of
from coursewright.pages.view_models import EditPage, Problem
from coursewright.web.form_security import is_signed_in, read_submission
from coursewright.web.http import Request
from coursewright.web.session import (
    ReviewDeps,
    Visit,
    closed_reason,
    edited_drafts,
    restore_selection,
)


def edit_page(
    request: Request,
    visitor: Visit,
    deps: ReviewDeps,
    *,
    problem: Problem | None = None,
    typed: dict[str, str] | None = None,
) -> EditPage:
    """Gather one draft as it now is, or as it was typed. Raises: LinkInvalid."""
    place = request.parameters.get("place") or request.field("edit")
    review = deps.reviews.get(visitor.review.review)
    drafts = edited_drafts(review, deps)
    one = draft_at(place, drafts)
    is_form = request.method == "POST"
    return EditPage(
        review=review,
        request=deps.generations.get(review.generation).request,
        one=one,
        place=int(place),
        reviewer=visitor.address,
        csrf=deps.links.csrf(visitor.session),
        shown_sha256=hash_shown_drafts(tuple(to_reviewed_draft(each) for each in drafts)),
        fields=typed or fields_of(one.parts),
        seen=one.edits[-1].number if one.edits else 0,
        is_signed_in=is_signed_in(request, visitor, deps),
        is_waiting=_is_waiting(one, deps),
        closed_reason=closed_reason(review, deps),
        problem=problem,
        kept=read_submission(request) if is_form else restore_selection(visitor, drafts, deps),
    )


def draft_at(place: str, drafts: tuple[DraftEvidence, ...]) -> DraftEvidence:
    """Return the draft that stands at a place of the review's page. Raises: LinkInvalid."""
    is_number = place.isascii() and place.isdigit() and len(place) < 5
    if not is_number or not 1 <= int(place) <= len(drafts):
        raise LinkInvalid(place)
    return drafts[int(place) - 1]


def _is_waiting(one: DraftEvidence, deps: ReviewDeps) -> bool:
    edit = current_edit(one.edits)
    return edit is not None and edit.is_waiting(now=deps.clock.now())
