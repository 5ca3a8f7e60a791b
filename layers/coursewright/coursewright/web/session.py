"""Resolves a browser session to its review and reviewer, and assembles the review page."""

from coursewright.domain.base import Record, small_number
from coursewright.domain.draft_evidence import to_reviewed_draft
from coursewright.domain.errors import LinkInvalid, ReviewError, ReviewExpired, ReviewMissing
from coursewright.domain.review import (
    Review,
    ReviewSubmission,
    hash_shown_drafts,
    require_open,
    review_id,
    reviewer_id,
)
from coursewright.domain.session import SessionClaims
from coursewright.pages.view_models import Problem, ReviewPage
from coursewright.steps.reviewed_drafts import ReviewDeps, edited_drafts
from coursewright.steps.save_selection import restore_selection
from coursewright.web.http import Request, session_cookie_name


class ReviewSession(Record):
    """A valid session: the review, the reviewer's address, and the session cookie."""

    claims: SessionClaims
    cookie: str
    address: str
    review: Review


def require_session(request: Request, deps: ReviewDeps) -> ReviewSession:
    """Return the session of a request.

    Raises: LinkInvalid without a valid session, ReviewExpired after the deadline.
    """
    requested, cookie = _requested_review(request), read_session_cookie(request)
    claims = deps.links.open_session(cookie)
    if claims.review != requested:
        raise LinkInvalid(requested)
    review, address = resolve_claims(claims, deps)
    if has_expired(claims, deps):
        raise ReviewExpired(requested)
    return ReviewSession(claims=claims, cookie=cookie, address=address, review=review)


def read_session_cookie(request: Request) -> str:
    """Return the session cookie for the requested review, or an empty string."""
    name = session_cookie_name(_requested_review(request), own_origin=request.own_origin)
    return request.cookies.get(name, "")


def resolve_claims(claims: SessionClaims, deps: ReviewDeps) -> tuple[Review, str]:
    """Return a link's or session's review and reviewer address. Raises: LinkInvalid."""
    try:
        review = deps.reviews.get(claims.review)
    except ReviewMissing as error:
        raise LinkInvalid(claims.review) from error
    known = {reviewer_id(address): address for address in review.reviewers}
    newest = deps.reviews.access(claims.review, claims.reviewer).link_salt or review.link_salt
    if claims.link_salt != newest or claims.reviewer not in known:
        raise LinkInvalid(claims.review)
    return review, known[claims.reviewer]


def has_expired(claims: SessionClaims, deps: ReviewDeps) -> bool:
    """Return whether a link or session has expired."""
    return deps.clock.now().timestamp() >= claims.expiry


def require_usable(session: ReviewSession, review: Review, deps: ReviewDeps) -> None:
    """Check that the review is open and the reviewer's link not locked.

    Raises: AlreadyDecided, ReviewExpired or ReviewLocked.
    """
    require_open(review, now=deps.clock.now())
    deps.reviews.access(review.review, session.claims.reviewer).require_unlocked(review.review)


def closed_reason(session: ReviewSession, review: Review, deps: ReviewDeps) -> str:
    """Return the name of the error that a decision would raise now, or an empty string."""
    try:
        require_usable(session, review, deps)
    except ReviewError as error:
        return type(error).__name__
    return ""


def review_page(
    session: ReviewSession,
    deps: ReviewDeps,
    *,
    problem: Problem | None = None,
    submission: ReviewSubmission | None = None,
) -> ReviewPage:
    """Return the review page for the review's current state."""
    review = deps.reviews.get(session.review.review)
    request = deps.generations.get(review.generation).request
    drafts = edited_drafts(review, deps)
    earlier = _earlier_round(review, deps)
    return ReviewPage(
        review=review,
        request=request,
        lesson=deps.lessons.read(request.lesson),
        drafts=drafts,
        before=edited_drafts(earlier, deps) if earlier else (),
        league=deps.verifications.league(review.generation, review.round),
        reviewer=session.address,
        csrf=deps.links.csrf(session.cookie),
        shown_sha256=hash_shown_drafts(tuple(to_reviewed_draft(draft) for draft in drafts)),
        earlier_notes=earlier.notes if earlier else "",
        closed_reason=closed_reason(session, review, deps),
        problem=problem,
        submission=submission
        or restore_selection(
            session.review,
            reviewer=session.claims.reviewer,
            drafts=drafts,
            reviews=deps.reviews,
        ),
    )


def _requested_review(request: Request) -> str:
    generation = request.parameters.get("generation", "")
    round_number = small_number(request.parameters.get("round", ""))
    if round_number is None:
        raise LinkInvalid(generation)
    return review_id(generation, round_number)


def _earlier_round(review: Review, deps: ReviewDeps) -> Review | None:
    if review.round == 1:
        return None
    return deps.reviews.get(review_id(review.generation, review.round - 1))
