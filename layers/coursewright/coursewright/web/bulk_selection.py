"""Takes what a reviewer has marked to another page or to other marks; nothing is written."""

from collections.abc import Iterable
from enum import StrEnum
from itertools import groupby

from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.errors import RequestForged
from coursewright.domain.evidence import Mutants
from coursewright.pages.view_models import ConfirmPage, Kept, Problem, ReviewPage, ReviewSubpage
from coursewright.web.edit_page import edit_page
from coursewright.web.form_security import read_submission, require_own_form
from coursewright.web.http import Request
from coursewright.web.session import PageDeps, Visit, review_page


class Lane(StrEnum):
    """Which drafts are listed for publication in one go."""

    FULL_MARKS = "full_marks"
    BEST = "best"
    MARKED = "marked"


def choose(request: Request, visitor: Visit, deps: PageDeps) -> ReviewPage | ReviewSubpage:
    """Return the page that a button of the review's form asks for. Raises: LinkInvalid."""
    kept = read_submission(request)
    try:
        require_own_form(request, visitor, deps)
    except RequestForged as error:
        problem = Problem.from_error(error)
        return review_page(visitor, deps, problem=problem, kept=kept)
    if request.field("edit"):
        return edit_page(request, visitor, deps)
    page = review_page(visitor, deps, kept=kept)
    lane = request.field("lane")
    if page.is_open and lane in set(Lane):
        return _confirm_page(page, Lane(lane))
    return page.model_copy(update={"kept": _picked(page, request.field("pick"))})


def passed_all_checks(one: DraftEvidence) -> bool:
    """Return whether nothing that was found out speaks against a draft."""
    evidence, certificate = one.evidence, one.certificate
    if evidence is None or not one.is_verified:
        return False
    requirements = evidence.requirements
    return (
        0 < evidence.mutants.total == evidence.mutants.killed
        and requirements is not None
        and 0 < requirements.given == requirements.met
        and not evidence.doubts
        and not (certificate and (certificate.near_duplicate or certificate.is_ambiguous))
    )


def best_of_task(drafts: Iterable[DraftEvidence]) -> DraftEvidence | None:
    """Return the draft of one task for which most speaks, among those that can be published."""

    def place(one: DraftEvidence) -> tuple[bool, bool, float, int]:
        mutants = one.evidence.mutants if one.evidence else Mutants()
        killed = mutants.killed / (mutants.total or 1)
        is_doubtful = bool(one.certificate and one.certificate.is_ambiguous)
        attempt = one.verification.attempt if one.verification else 0
        return (not passed_all_checks(one), is_doubtful, -killed, attempt)

    return min((one for one in drafts if one.is_verified), key=place, default=None)


def _picked(page: ReviewPage, draft: str) -> Kept:
    found = next((one for one in page.drafts if one.draft.draft == draft), None)
    if found is None or not found.is_verified:
        return page.kept
    rivals = {one.draft.draft for one in page.drafts if one.draft.number == found.draft.number}
    others = [one for one in page.kept.approved if one not in rivals]
    rejected = tuple(one for one in page.kept.rejected if one.draft != draft)
    return page.kept.model_copy(update={"approved": (*others, draft), "rejected": rejected})


def _confirm_page(page: ReviewPage, lane: Lane) -> ConfirmPage:
    rejected = set(page.kept.reasons)
    able = [one for one in page.drafts if one.is_verified and one.draft.draft not in rejected]
    listed = {one.draft.draft for one in _listed(able, page.kept, lane)}
    names = ("review", "request", "reviewer", "csrf", "closed_reason", "shown_sha256", "kept")
    return ConfirmPage(
        **{name: getattr(page, name) for name in names},
        drafts=tuple(one for one in able if one.draft.draft in listed),
        others=len(page.drafts) - len(listed),
    )


def _listed(able: list[DraftEvidence], kept: Kept, lane: Lane) -> Iterable[DraftEvidence]:
    marked = [one for one in able if one.draft.draft in kept.approved]
    if lane is Lane.MARKED:
        return marked
    if lane is Lane.FULL_MARKS:
        return [*marked, *filter(passed_all_checks, able)]
    tasks = groupby(able, key=lambda one: one.draft.number)
    decided = {one.draft.number for one in marked}
    best = (best_of_task(drafts) for number, drafts in tasks if number not in decided)
    return [*marked, *filter(None, best)]
