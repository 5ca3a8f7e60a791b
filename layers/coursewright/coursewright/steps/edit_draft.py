"""Stores a reviewer's edit of a draft and has it verified before it can be published."""

from dataclasses import dataclass
from enum import StrEnum

from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.edit import (
    Edit,
    EditContext,
    Parts,
    VerifyEditTask,
    changed_parts,
    next_edit,
    parts_sha256,
    undo_edit,
)
from coursewright.domain.errors import EditConflict, EditInvalid
from coursewright.domain.problems import ProblemCode
from coursewright.domain.review import Review, SignIn, pseudonym, require_open
from coursewright.ports.reviews import StartEditCheck
from coursewright.steps.reviewed_drafts import ReviewDeps


@dataclass(frozen=True)
class EditDeps(ReviewDeps):
    """Dependencies of `edit_draft`."""

    start_check: StartEditCheck


class EditAction(StrEnum):
    """An action that a reviewer requests on a draft."""

    SAVE = "save"
    UNDO = "undo"
    VERIFY = "verify"


class EditRequest(Record):
    """A requested edit; `parts` is set for saving, `seen` is the newest version that was seen."""

    action: EditAction
    review: Review
    draft: DraftEvidence
    reviewer: str
    signed_in: SignIn
    seen: int
    shown_sha256: str
    parts: Parts | None = None


def edit_draft(request: EditRequest, *, deps: EditDeps) -> None:
    """Save a new version of a draft, undo the last edit, or verify it again.

    Raises: EditConflict, EditInvalid, AlreadyDecided or ReviewExpired.
    """
    current = request.draft.edit
    if request.action is EditAction.VERIFY:
        if current is None or current.check is not None:
            raise EditInvalid(ProblemCode.NOTHING_TO_VERIFY)
        _start_check(request.review, current.draft, current.number, deps)
    elif request.action is EditAction.UNDO:
        _save(undo_edit(request.draft.edits, context=_context(request, deps)), request, deps)
    elif request.parts is not None and not _is_repeated(request):
        before = request.draft.parts
        context = _context(request, deps)
        edit = next_edit(request.draft.edits, before, request.parts, context=context)
        _save(edit, request, deps)
        _start_check(request.review, edit.draft, edit.number, deps)


def _start_check(review: Review, draft: str, number: int, deps: EditDeps) -> None:
    deps.start_check(
        VerifyEditTask(generation=review.generation, round=review.round, draft=draft, number=number)
    )


def _is_repeated(request: EditRequest) -> bool:
    """Return whether this form was submitted before, so that a double click makes only one edit."""
    edits = request.draft.edits
    if not edits or request.seen != edits[-1].number - 1 or edits[-1].parts is None:
        return False
    return edits[-1].editor == _editor(request) and request.parts == edits[-1].parts


def _save(edit: Edit, request: EditRequest, deps: ReviewDeps) -> None:
    review = request.review
    try:
        deps.reviews.save_edit(review.review, edit, now=edit.edited_at)
    except EditConflict:
        require_open(deps.reviews.get(review.review), now=edit.edited_at)
        raise
    before, after = request.draft.parts, edit.parts or _version(request.draft, edit.restores)
    facts = {
        "review": review.review,
        "draft": edit.draft,
        "number": edit.number,
        "reviewer": edit.editor,
        "signed_in": request.signed_in,
        "shown_sha256": request.shown_sha256,
        "is_undo": edit.parts is None,
        "changed": list(changed_parts(before, after)),
        "before_sha256": parts_sha256(before),
        "after_sha256": parts_sha256(after),
    }
    deps.audit.add(review.generation, "draft_edited", facts, now=edit.edited_at)


def _version(draft: DraftEvidence, number: int) -> Parts:
    versions = (edit.parts for edit in draft.edits if edit.number == number and edit.parts)
    return next(versions, draft.original or draft.parts)


def _context(request: EditRequest, deps: ReviewDeps) -> EditContext:
    return EditContext(
        draft=request.draft.draft.draft,
        seen=request.seen,
        editor=_editor(request),
        now=deps.clock.now(),
    )


def _editor(request: EditRequest) -> str:
    return pseudonym(request.review, request.reviewer)
