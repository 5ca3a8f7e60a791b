"""Records what a reviewer decides, once, and wakes the workflow that waits for it."""

from dataclasses import dataclass

from coursewright.domain.errors import (
    AlreadyDecided,
    CodeWrong,
    RequestForged,
    ReviewError,
    ReviewLocked,
    TaskTokenGone,
    WakeUpFailed,
)
from coursewright.domain.review import (
    MOST_WRONG_CODES,
    Decision,
    Review,
    Ruling,
    decide,
    pseudonym,
    require_open,
)
from coursewright.observability import logger, measure
from coursewright.pages.page import Kept, Problem, Recorded, ReviewPage
from coursewright.ports import Audit, ReviewTasks
from coursewright.steps.note_ending import note_ending
from coursewright.steps.show_review import ReviewDesk, Visit, page_path, review_page, visit
from coursewright.web import Request

ONCE_PER_REVIEW = (RequestForged, CodeWrong, ReviewLocked)


@dataclass(frozen=True)
class DecisionDesk(ReviewDesk):
    """What a decision is written to, besides."""

    audit: Audit
    review_tasks: ReviewTasks


def decide_review(request: Request, *, desk: DecisionDesk) -> Recorded | ReviewPage:
    """Record the first valid decision, or show the page again with what is wrong.

    Raises: LinkInvalid or ReviewExpired.
    """
    visitor = visit(request, desk)
    try:
        decided = _decided(request, visitor, desk)
    except ReviewError as error:
        _note_refusal(error, visitor, desk)
        problem = Problem(name=type(error).__name__, detail=str(error))
        return review_page(visitor, desk, problem=problem, kept=_kept(request))
    _record(decided, desk)
    return Recorded(location=page_path(decided))


def _decided(request: Request, visitor: Visit, desk: DecisionDesk) -> Review:
    _require_own_form(request, visitor, desk)
    ruling = _ruling(request, visitor)
    try:
        require_open(visitor.review, now=desk.clock.now())
        _require_code(request, visitor, desk)
        decided = decide(visitor.review, ruling, now=desk.clock.now())
        desk.reviews.decide(decided)
    except AlreadyDecided:
        stands = desk.reviews.get(visitor.review.review)
        if not _is_same(ruling, stands):
            raise
        return stands
    return decided


def _require_own_form(request: Request, visitor: Visit, desk: DecisionDesk) -> None:
    if not request.is_same_origin:
        raise RequestForged("foreign origin")
    if not desk.links.is_csrf(visitor.session, request.field("csrf")):
        raise RequestForged("no csrf token of this session")


def _require_code(request: Request, visitor: Visit, desk: DecisionDesk) -> None:
    code = "".join(request.field("code").split())
    if not code:
        raise CodeWrong("No code was entered.")
    if desk.links.is_code(visitor.bearer, code):
        return
    left = MOST_WRONG_CODES - desk.reviews.count_wrong_code(visitor.review.review)
    if left <= 0:
        raise ReviewLocked(visitor.review.review)
    raise CodeWrong(f"You have {left} {'try' if left == 1 else 'tries'} left.")


def _ruling(request: Request, visitor: Visit) -> Ruling:
    kept = _kept(request)
    known = {one.value for one in Decision}
    return Ruling(
        decision=Decision(kept.decision) if kept.decision in known else Decision.PENDING,
        approved=kept.approved,
        notes=kept.notes,
        reviewer=visitor.address,
        shown=request.field("shown"),
    )


def _kept(request: Request) -> Kept:
    return Kept(
        decision=request.field("decision"),
        approved=tuple(dict.fromkeys(request.form.get("approve", ()))),
        notes=request.field("notes").replace("\r\n", "\n"),
    )


def _is_same(ruling: Ruling, stands: Review) -> bool:
    approved = ruling.approved if ruling.decision is Decision.APPROVED else ()
    sent = (ruling.reviewer, ruling.decision, approved, ruling.notes)
    return sent == (stands.decided_by, stands.decision, stands.approved, stands.notes)


def _record(decided: Review, desk: DecisionDesk) -> None:
    note_ending(decided, audit=desk.audit)
    if decided.delivered:
        return
    if decided.decided_at is not None:
        waited = decided.decided_at - decided.opened_at
        measure("ReviewWaitSeconds", waited.total_seconds(), "Seconds")
    try:
        desk.review_tasks.wake(decided)
    except (TaskTokenGone, WakeUpFailed) as error:
        # The decision stands; the sweeper tells the workflow.
        logger.warning("wake_up_failed", review=decided.review, error=type(error).__name__)
    else:
        desk.reviews.mark_delivered(decided.review)


def _note_refusal(error: ReviewError, visitor: Visit, desk: DecisionDesk) -> None:
    kind, review = type(error).__name__, visitor.review
    logger.warning("decision_refused", review=review.review, error=kind)
    if not isinstance(error, ONCE_PER_REVIEW):
        return
    earlier = desk.audit.entries(review.generation)
    if any(_is_refusal(entry, kind, review) for entry in earlier):
        return
    who = pseudonym(review, visitor.address)
    facts = {"review": review.review, "kind": kind, "reviewer": who}
    desk.audit.add(review.generation, "decision_refused", facts, now=desk.clock.now())


def _is_refusal(entry: dict[str, object], kind: str, review: Review) -> bool:
    wanted = ("decision_refused", kind, review.review)
    return (entry["event"], entry.get("kind"), entry.get("review")) == wanted
