"""Controller for the review form's bulk-action and navigation buttons; stores nothing."""

from collections.abc import Iterable
from enum import StrEnum
from itertools import groupby

from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.errors import RequestForged
from coursewright.domain.evidence import Mutants
from coursewright.domain.review import ReviewSubmission
from coursewright.pages.view_models import ConfirmPage, Problem, ReviewPage, ReviewSubpage
from coursewright.steps.reviewed_drafts import ReviewDeps
from coursewright.web.edit_draft import edit_page
from coursewright.web.form_security import read_submission, require_own_form
from coursewright.web.http import Request
from coursewright.web.session import ReviewSession, review_page


class BulkAction(StrEnum):
    """The kinds of bulk action, each listing different drafts for publication."""

    ALL_CHECKS_PASSED = "all_checks_passed"
    BEST = "best"
    SELECTED = "selected"


def apply_selection(
    request: Request, session: ReviewSession, deps: ReviewDeps
) -> ReviewPage | ReviewSubpage:
    """Return the page that a button of the review form leads to. Raises: LinkInvalid."""
    submission = read_submission(request)
    try:
        require_own_form(request, session, deps)
    except RequestForged as error:
        problem = Problem.from_error(error)
        return review_page(session, deps, problem=problem, submission=submission)
    if request.field("edit"):
        return edit_page(request, session, deps)
    page = review_page(session, deps, submission=submission)
    action = request.field("bulk_action")
    if page.is_open and action in set(BulkAction):
        return _confirm_page(page, BulkAction(action))
    return page.model_copy(update={"submission": _pick(page, request.field("pick"))})


def passed_all_checks(draft: DraftEvidence) -> bool:
    """Return whether the draft passed every check without any doubts."""
    evidence = draft.evidence
    if evidence is None or not draft.is_verified:
        return False
    requirements = evidence.requirements
    return (
        0 < evidence.mutants.total == evidence.mutants.killed
        and requirements is not None
        and 0 < requirements.given == requirements.met
        and not draft.doubts
    )


def best_of_task(drafts: Iterable[DraftEvidence]) -> DraftEvidence | None:
    """Return the verified draft with the strongest evidence among one task's drafts, if any."""

    def rank(draft: DraftEvidence) -> tuple[bool, int, float, int]:
        mutants = draft.evidence.mutants if draft.evidence else Mutants()
        killed = mutants.killed / (mutants.total or 1)
        attempt = draft.verification.attempt if draft.verification else 0
        return (not passed_all_checks(draft), len(draft.blocking_doubts), -killed, attempt)

    return min((draft for draft in drafts if draft.is_verified), key=rank, default=None)


def _pick(page: ReviewPage, name: str) -> ReviewSubmission:
    """Select a draft in place of any other drafts of its task."""
    picked = next((draft for draft in page.drafts if draft.draft.draft == name), None)
    if picked is None or not picked.is_verified:
        return page.submission
    number = picked.draft.number
    same_task = {draft.draft.draft for draft in page.drafts if draft.draft.number == number}
    others = [draft for draft in page.submission.approved if draft not in same_task]
    rejected = tuple(each for each in page.submission.rejected if each.draft != name)
    return page.submission.model_copy(update={"approved": (*others, name), "rejected": rejected})


def _confirm_page(page: ReviewPage, action: BulkAction) -> ConfirmPage:
    rejected = set(page.submission.reasons)
    candidates = [
        draft for draft in page.drafts if draft.is_verified and draft.draft.draft not in rejected
    ]
    chosen = {draft.draft.draft for draft in _choose(candidates, page.submission, action)}
    return ConfirmPage(
        review=page.review,
        request=page.request,
        reviewer=page.reviewer,
        csrf=page.csrf,
        closed_reason=page.closed_reason,
        shown_sha256=page.shown_sha256,
        submission=page.submission,
        drafts=tuple(draft for draft in candidates if draft.draft.draft in chosen),
        others=len(page.drafts) - len(chosen),
    )


def _choose(
    candidates: list[DraftEvidence], submission: ReviewSubmission, action: BulkAction
) -> Iterable[DraftEvidence]:
    selected = [draft for draft in candidates if draft.draft.draft in submission.approved]
    if action is BulkAction.SELECTED:
        return selected
    if action is BulkAction.ALL_CHECKS_PASSED:
        return [*selected, *filter(passed_all_checks, candidates)]
    tasks = groupby(candidates, key=lambda draft: draft.draft.number)
    decided = {draft.draft.number for draft in selected}
    best = (best_of_task(drafts) for number, drafts in tasks if number not in decided)
    return [*selected, *filter(None, best)]
