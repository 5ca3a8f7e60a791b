"""Finds out who visits which review, and gathers what the page shows of it."""

from dataclasses import dataclass

from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import DraftEvidence, to_reviewed_draft
from coursewright.domain.errors import LinkInvalid, ReviewError, ReviewExpired, ReviewMissing
from coursewright.domain.review import (
    Review,
    hash_shown_drafts,
    require_open,
    review_id,
    reviewer_id,
)
from coursewright.domain.session import SessionClaims
from coursewright.pages.view_models import Kept, Problem, ReviewPage
from coursewright.ports.agents import Drafts
from coursewright.ports.generations import Clock, Generations, Lessons
from coursewright.ports.reviews import Links, Reviews
from coursewright.ports.verification import Leagues, Verifications
from coursewright.steps.draft_evidence import drafts_with_evidence
from coursewright.web.http import Request, cookie_name


@dataclass(frozen=True)
class ReviewDeps:
    """What a review's pages and mails are read from."""

    reviews: Reviews
    generations: Generations
    drafts: Drafts
    verifications: Verifications
    leagues: Leagues
    links: Links
    clock: Clock


@dataclass(frozen=True)
class PageDeps(ReviewDeps):
    """What the page with all drafts is read from, besides."""

    lessons: Lessons


class Visit(Record):
    """A reviewer whose link or session was found good."""

    claims: SessionClaims
    session: str
    address: str
    review: Review


def visit(request: Request, deps: ReviewDeps) -> Visit:
    """Find out who visits which review.

    Raises: LinkInvalid without a session of ours, ReviewExpired for one whose time is over.
    """
    wanted, session = _wanted_review(request), session_of(request)
    claims = deps.links.open_session(session)
    if claims.review != wanted:
        raise LinkInvalid(wanted)
    review, address = reviewer_of(claims, deps)
    if has_expired(claims, deps):
        raise ReviewExpired(wanted)
    return Visit(claims=claims, session=session, address=address, review=review)


def session_of(request: Request) -> str:
    """Return what the browser says of its session for the review that is asked for."""
    name = cookie_name(_wanted_review(request), own_origin=request.own_origin)
    return request.cookies.get(name, "")


def review_page(
    visit: Visit, deps: PageDeps, *, problem: Problem | None = None, kept: Kept | None = None
) -> ReviewPage:
    """Gather everything that the page shows of a review as it now stands."""
    review = deps.reviews.get(visit.review.review)
    request = deps.generations.get(review.generation).request
    drafts = edited_drafts(review, deps)
    earlier = _earlier(review, deps)
    return ReviewPage(
        review=review,
        request=request,
        lesson=deps.lessons.read(request.lesson),
        drafts=drafts,
        before=edited_drafts(earlier, deps) if earlier else (),
        league=deps.leagues.get(review.generation, review.round),
        reviewer=visit.address,
        csrf=deps.links.csrf(visit.session),
        shown_sha256=hash_shown_drafts(tuple(to_reviewed_draft(one) for one in drafts)),
        earlier_notes=earlier.notes if earlier else "",
        closed_reason=closed_reason(review, deps),
        problem=problem,
        kept=kept or restore_selection(visit, drafts, deps),
    )


def edited_drafts(review: Review, deps: ReviewDeps) -> tuple[DraftEvidence, ...]:
    """Return a review's drafts as they now are."""
    return drafts_with_evidence(
        review.generation,
        review.round,
        drafts=deps.drafts,
        verifications=deps.verifications,
        edits=deps.reviews.edits(review),
    )


def as_it_stands(review: Review, deps: ReviewDeps) -> Review:
    """Return a review with its drafts as reviewers have edited them."""
    if not review.edition:
        return review
    drafts = tuple(to_reviewed_draft(one) for one in edited_drafts(review, deps))
    return review.model_copy(update={"drafts": drafts, "shown_sha256": hash_shown_drafts(drafts)})


def restore_selection(visit: Visit, drafts: tuple[DraftEvidence, ...], deps: ReviewDeps) -> Kept:
    """Return what the visitor marked before an edit; a draft that is another now is not marked."""
    if not visit.review.edition:
        return Kept()
    marks = deps.reviews.selection(visit.review.review, visit.claims.reviewer)
    now = {to_reviewed_draft(one) for one in drafts}
    return Kept(
        decision=marks.decision,
        approved=tuple(one.draft for one in marks.approved if one in now and one.verified),
        rejected=marks.rejected,
        notes=marks.notes,
    )


def page_path(review: Review) -> str:
    """Return the page's address, which holds no secret."""
    return f"/reviews/{review.generation}/{review.round}"


def reviewer_of(claims: SessionClaims, deps: ReviewDeps) -> tuple[Review, str]:
    """Return the review and the address that a link or session speaks of. Raises: LinkInvalid."""
    try:
        review = deps.reviews.get(claims.review)
    except ReviewMissing as error:
        raise LinkInvalid(claims.review) from error
    known = {reviewer_id(address): address for address in review.reviewers}
    if claims.link_salt != review.salt_for(claims.reviewer) or claims.reviewer not in known:
        raise LinkInvalid(claims.review)
    return review, known[claims.reviewer]


def has_expired(claims: SessionClaims, deps: ReviewDeps) -> bool:
    """Return whether a link's time is over."""
    return deps.clock.now().timestamp() >= claims.expiry


def _wanted_review(request: Request) -> str:
    generation = request.parameters.get("generation", "")
    round_number = request.parameters.get("round", "")
    if not (round_number.isascii() and round_number.isdigit()):
        raise LinkInvalid(round_number)
    return review_id(generation, int(round_number))


def _earlier(review: Review, deps: ReviewDeps) -> Review | None:
    if review.round == 1:
        return None
    return deps.reviews.get(review_id(review.generation, review.round - 1))


def closed_reason(review: Review, deps: ReviewDeps) -> str:
    """Name the error that a decision would end with now, or nothing while one is possible."""
    try:
        require_open(review, now=deps.clock.now())
    except ReviewError as error:
        return type(error).__name__
    return ""
