"""Records what a reviewer decides, once, and wakes the workflow that waits for it."""

from dataclasses import dataclass

from coursewright.domain.errors import (
    AlreadyDecided,
    ResumeFailed,
    ReviewError,
    TaskTokenGone,
)
from coursewright.domain.review import (
    Decision,
    Review,
    Ruling,
    decide,
    require_open,
)
from coursewright.observability import logger, measure
from coursewright.pages.view_models import Problem, ReviewPage, SubmissionAccepted
from coursewright.ports.reviews import ReviewTasks
from coursewright.steps.audit_review_end import audit_review_end
from coursewright.web.form_security import (
    ReaderDeps,
    audit_refusal,
    read_submission,
    require_code,
    require_own_form,
)
from coursewright.web.http import Request
from coursewright.web.session import (
    Visit,
    as_it_stands,
    page_path,
    review_page,
    visit,
)


@dataclass(frozen=True)
class DecisionDeps(ReaderDeps):
    """What a decision is written to, besides."""

    review_tasks: ReviewTasks


def decide_review(request: Request, *, deps: DecisionDeps) -> SubmissionAccepted | ReviewPage:
    """Record the first valid decision, or show the page again with what is wrong.

    Raises: LinkInvalid or ReviewExpired.
    """
    visitor = visit(request, deps)
    try:
        decided = _decided(request, visitor, deps)
    except ReviewError as error:
        audit_refusal(error, visitor, deps)
        problem = Problem.from_error(error)
        return review_page(visitor, deps, problem=problem, kept=read_submission(request))
    _record(decided, deps)
    return SubmissionAccepted(location=page_path(decided))


def _decided(request: Request, visitor: Visit, deps: DecisionDeps) -> Review:
    require_own_form(request, visitor, deps)
    ruling = _ruling(request, visitor)
    try:
        require_open(visitor.review, now=deps.clock.now())
        require_code(request, visitor, deps)
        decided = decide(as_it_stands(visitor.review, deps), ruling, now=deps.clock.now())
        deps.reviews.decide(decided)
    except AlreadyDecided:
        stands = deps.reviews.get(visitor.review.review)
        if not _is_same(ruling, stands):
            raise
        return stands
    return decided


def _ruling(request: Request, visitor: Visit) -> Ruling:
    kept = read_submission(request)
    known = {one.value for one in Decision}
    return Ruling(
        decision=Decision(kept.decision) if kept.decision in known else Decision.PENDING,
        approved=kept.approved,
        rejected=kept.rejected,
        notes=kept.notes,
        reviewer=visitor.address,
        shown_sha256=request.field("shown_sha256"),
    )


def _is_same(ruling: Ruling, stands: Review) -> bool:
    approved = ruling.approved if ruling.decision is Decision.APPROVED else ()
    sent = (ruling.reviewer, ruling.decision, approved, ruling.rejected, ruling.notes)
    return sent == (
        stands.decided_by,
        stands.decision,
        stands.approved,
        stands.rejected,
        stands.notes,
    )


def _record(decided: Review, deps: DecisionDeps) -> None:
    audit_review_end(decided, audit=deps.audit)
    if decided.delivered:
        return
    if decided.decided_at is not None:
        waited = decided.decided_at - decided.opened_at
        measure("ReviewWaitSeconds", waited.total_seconds(), "Seconds")
    try:
        deps.review_tasks.resume(decided)
    except (TaskTokenGone, ResumeFailed) as error:
        # The decision stands; the sweeper tells the workflow.
        logger.warning("resume_failed", review=decided.review, error=type(error).__name__)
    else:
        deps.reviews.mark_delivered(decided.review)
