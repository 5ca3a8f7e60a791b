"""Keeps what a reviewer changes in a draft, and has it verified before it can be published."""

from dataclasses import dataclass, replace

from coursewright.domain.draft_evidence import DraftEvidence, to_reviewed_draft
from coursewright.domain.edit import (
    Edit,
    EditContext,
    Parts,
    changed_parts,
    edited,
    parts_sha256,
    undo_edit,
)
from coursewright.domain.errors import EditConflict, EditInvalid, ReviewError
from coursewright.domain.problems import ProblemCode
from coursewright.domain.review import (
    MAX_NOTES_CHARS,
    Marks,
    SignIn,
    pseudonym,
    require_open,
    shortened,
)
from coursewright.pages.edit_form import parts_of, typed_fields
from coursewright.pages.view_models import EditPage, Problem, SubmissionAccepted
from coursewright.ports.reviews import EditChecks
from coursewright.web.edit_page import draft_at, edit_page
from coursewright.web.form_security import (
    SIGNED_IN_SECONDS,
    FormDeps,
    audit_refusal,
    read_submission,
    require_own_form,
    require_sign_in,
)
from coursewright.web.http import Request
from coursewright.web.session import Visit, edited_drafts, page_path, visit

TAKE_BACK, VERIFY = "take_back", "verify"
MAX_SELECTED_DRAFTS = 100


@dataclass(frozen=True)
class EditDeps(FormDeps):
    """What an edit is written to and checked by, besides."""

    edit_checks: EditChecks


@dataclass(frozen=True)
class Wish:
    """What a reviewer wants done with one of the drafts, and how they signed in."""

    request: Request
    visitor: Visit
    drafts: tuple[DraftEvidence, ...]
    one: DraftEvidence
    signed_in: SignIn = SignIn.CODE


def edit_draft(request: Request, *, deps: EditDeps) -> SubmissionAccepted | EditPage:
    """Keep a new version of a draft, take one back, or have one verified again.

    Raises: LinkInvalid or ReviewExpired.
    """
    visitor, place = visit(request, deps), request.parameters.get("place", "")
    drafts = edited_drafts(visitor.review, deps)
    wish = Wish(request, visitor, drafts, draft_at(place, drafts))
    try:
        _do(_allowed(wish, deps), deps)
    except ReviewError as error:
        audit_refusal(error, visitor, deps)
        problem = Problem.from_error(error)
        typed = typed_fields(request, wish.one.parts)
        return edit_page(request, visitor, deps, problem=problem, typed=typed)
    claims = visitor.claims
    until = min(claims.expiry, int(deps.clock.now().timestamp()) + SIGNED_IN_SECONDS)
    return SubmissionAccepted(
        location=f"{page_path(visitor.review)}/drafts/{place}",
        review=claims.review,
        sign_in=deps.links.sign_in(claims.model_copy(update={"expiry": until})),
        seconds=SIGNED_IN_SECONDS,
    )


def _allowed(wish: Wish, deps: EditDeps) -> Wish:
    require_own_form(wish.request, wish.visitor, deps)
    require_open(wish.visitor.review, now=deps.clock.now())
    return replace(wish, signed_in=require_sign_in(wish.request, wish.visitor, deps))


def _do(wish: Wish, deps: EditDeps) -> None:
    deps.reviews.save_selection(
        wish.visitor.review.review, wish.visitor.claims.reviewer, _marks(wish)
    )
    if wish.request.field("act") == VERIFY:
        _verify_again(wish, deps)
    elif wish.request.field("act") == TAKE_BACK:
        _keep(undo_edit(wish.one.edits, by=_by(wish, deps)), wish, deps)
    elif not _is_kept(wish):
        after = parts_of(typed_fields(wish.request, wish.one.parts), wish.one.parts)
        edit = edited(wish.one.edits, wish.one.parts, after, by=_by(wish, deps))
        _keep(edit, wish, deps)
        deps.edit_checks.start(wish.visitor.review, edit.draft, edit.number)


def _verify_again(wish: Wish, deps: EditDeps) -> None:
    if wish.one.edit is None or wish.one.edit.check is not None:
        raise EditInvalid(ProblemCode.NOTHING_TO_VERIFY)
    deps.edit_checks.start(wish.visitor.review, wish.one.edit.draft, wish.one.edit.number)


def _is_kept(wish: Wish) -> bool:
    """Return whether this very form was sent before: a double click is one edit."""
    edits = wish.one.edits
    if not edits or _seen(wish) != edits[-1].number - 1 or edits[-1].parts is None:
        return False
    typed = parts_of(typed_fields(wish.request, wish.one.parts), wish.one.parts)
    return edits[-1].editor == _editor(wish) and typed == edits[-1].parts


def _keep(edit: Edit, wish: Wish, deps: EditDeps) -> None:
    review = wish.visitor.review
    try:
        deps.reviews.save_edit(review.review, edit, now=edit.edited_at)
    except EditConflict:
        require_open(deps.reviews.get(review.review), now=edit.edited_at)
        raise
    after = edit.parts or _version(wish.one, edit.restores)
    facts = {
        "review": review.review,
        "draft": edit.draft,
        "number": edit.number,
        "reviewer": edit.editor,
        "signed_in": wish.signed_in,
        "shown_sha256": wish.request.field("shown_sha256"),
        "takes_back": edit.parts is None,
        "changed": list(changed_parts(wish.one.parts, after)),
        "before_sha256": parts_sha256(wish.one.parts),
        "after_sha256": parts_sha256(after),
    }
    deps.audit.add(review.generation, "draft_edited", facts, now=edit.edited_at)


def _version(one: DraftEvidence, number: int) -> Parts:
    made = (edit.parts for edit in one.edits if edit.number == number and edit.parts)
    return next(made, one.original or one.parts)


def _by(wish: Wish, deps: EditDeps) -> EditContext:
    return EditContext(
        draft=wish.one.draft.draft,
        seen=_seen(wish),
        editor=_editor(wish),
        now=deps.clock.now(),
    )


def _editor(wish: Wish) -> str:
    return pseudonym(wish.visitor.review, wish.visitor.address)


def _seen(wish: Wish) -> int:
    seen = wish.request.field("seen")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 5 else -1


def _marks(wish: Wish) -> Marks:
    kept = read_submission(wish.request)
    known = {one.draft.draft: to_reviewed_draft(one) for one in wish.drafts}
    return Marks(
        decision=kept.decision[:MAX_SELECTED_DRAFTS],
        approved=tuple(known[one] for one in kept.approved if one in known),
        rejected=tuple(shortened(one for one in kept.rejected if one.draft in known)),
        notes=kept.notes[:MAX_NOTES_CHARS],
    )
