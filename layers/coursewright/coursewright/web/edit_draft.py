"""Controller for a draft's edit form: shows it and stores the reviewer's changes."""

from coursewright.domain.base import small_number
from coursewright.domain.draft_evidence import DraftEvidence, to_reviewed_draft
from coursewright.domain.edit import Parts, current_edit
from coursewright.domain.errors import LinkInvalid, ReviewError
from coursewright.domain.review import hash_shown_drafts
from coursewright.pages.edit_form import form_fields, parse_fields, typed_fields
from coursewright.pages.view_models import EditPage, Problem
from coursewright.steps import edit_draft as step
from coursewright.steps.edit_draft import EditAction, EditDeps, EditRequest
from coursewright.steps.reviewed_drafts import ReviewDeps, edited_drafts
from coursewright.steps.save_selection import restore_selection, save_selection
from coursewright.web.form_security import (
    SIGNED_IN_SECONDS,
    audit_refusal,
    is_signed_in,
    read_submission,
    require_own_form,
    require_sign_in,
)
from coursewright.web.http import Request
from coursewright.web.review_responses import SubmissionAccepted
from coursewright.web.session import ReviewSession, closed_reason, require_session, require_usable


def edit_draft(request: Request, *, deps: EditDeps) -> SubmissionAccepted | EditPage:
    """Save a new version of a draft, undo the last edit, or have the draft verified again.

    Raises: LinkInvalid or ReviewExpired.
    """
    session, place = require_session(request, deps), request.parameters.get("place", "")
    drafts = edited_drafts(session.review, deps)
    draft = draft_at(place, drafts)
    try:
        _edit(request, session, drafts, draft, deps)
    except ReviewError as error:
        audit_refusal(error, session, deps)
        problem = Problem.from_error(error)
        typed = typed_fields(request.form, draft.parts)
        return edit_page(request, session, deps, problem=problem, typed=typed)
    return _accepted(session, f"{session.review.path}/drafts/{place}", deps)


def edit_page(
    request: Request,
    session: ReviewSession,
    deps: ReviewDeps,
    *,
    problem: Problem | None = None,
    typed: dict[str, str] | None = None,
) -> EditPage:
    """Return the form with the current version or the submitted input. Raises: LinkInvalid."""
    place = request.parameters.get("place") or request.field("edit")
    review = deps.reviews.get(session.review.review)
    drafts = edited_drafts(review, deps)
    draft = draft_at(place, drafts)
    edit = current_edit(draft.edits)
    selection = restore_selection(
        session.review, reviewer=session.claims.reviewer, drafts=drafts, reviews=deps.reviews
    )
    return EditPage(
        review=review,
        request=deps.generations.get(review.generation).request,
        draft=draft,
        place=int(place),
        reviewer=session.address,
        csrf=deps.links.csrf(session.cookie),
        shown_sha256=hash_shown_drafts(tuple(map(to_reviewed_draft, drafts))),
        fields=typed or form_fields(draft.parts),
        seen=draft.edits[-1].number if draft.edits else 0,
        is_signed_in=is_signed_in(request, session, deps),
        is_waiting=edit is not None and edit.is_waiting(now=deps.clock.now()),
        closed_reason=closed_reason(session, review, deps),
        problem=problem,
        submission=read_submission(request) if request.method == "POST" else selection,
    )


def draft_at(place: str, drafts: tuple[DraftEvidence, ...]) -> DraftEvidence:
    """Return the draft at a position on the review page, from 1. Raises: LinkInvalid."""
    number = small_number(place)
    if number is None or not 1 <= number <= len(drafts):
        raise LinkInvalid(place)
    return drafts[number - 1]


def _edit(
    request: Request,
    session: ReviewSession,
    drafts: tuple[DraftEvidence, ...],
    draft: DraftEvidence,
    deps: EditDeps,
) -> None:
    require_own_form(request, session, deps)
    require_usable(session, session.review, deps)
    signed_in = require_sign_in(request, session, deps)
    submission, reviewer = read_submission(request), session.claims.reviewer
    save_selection(
        submission, session.review, reviewer=reviewer, drafts=drafts, reviews=deps.reviews
    )
    action = _action(request)
    edit = EditRequest(
        action=action,
        review=session.review,
        draft=draft,
        reviewer=session.address,
        signed_in=signed_in,
        seen=_seen(request),
        shown_sha256=submission.shown_sha256,
        parts=_parts(request, draft) if action is EditAction.SAVE else None,
    )
    step.edit_draft(edit, deps=deps)


def _action(request: Request) -> EditAction:
    action = request.field("act")
    return EditAction(action) if action in set(EditAction) else EditAction.SAVE


def _parts(request: Request, draft: DraftEvidence) -> Parts:
    return parse_fields(typed_fields(request.form, draft.parts), draft.parts)


def _seen(request: Request) -> int:
    seen = small_number(request.field("seen"))
    return -1 if seen is None else seen


def _accepted(session: ReviewSession, location: str, deps: ReviewDeps) -> SubmissionAccepted:
    claims = session.claims
    until = min(claims.expiry, int(deps.clock.now().timestamp()) + SIGNED_IN_SECONDS)
    return SubmissionAccepted(
        location=location,
        review=claims.review,
        sign_in=deps.links.sign_in(claims.model_copy(update={"expiry": until})),
        seconds=SIGNED_IN_SECONDS,
    )
