"""Lets a reviewer in and gathers what the page shows; nothing is written."""

from dataclasses import dataclass

from coursewright.domain.errors import LinkInvalid, ReviewError, ReviewExpired, ReviewMissing
from coursewright.domain.records import Record
from coursewright.domain.review import (
    Review,
    require_open,
    review_id,
    reviewer_id,
    shown_sha256,
)
from coursewright.pages.page import Entrance, Kept, Problem, ReviewPage
from coursewright.ports import Clock, Drafts, Generations, Leagues, Reviews, Verifications
from coursewright.steps.draft_evidence import drafts_with_evidence, reviewed_draft
from coursewright.web import Links, Pass, Request, cookie_name


@dataclass(frozen=True)
class ReviewDesk:
    """What a review's page and mails are read from."""

    reviews: Reviews
    generations: Generations
    drafts: Drafts
    verifications: Verifications
    leagues: Leagues
    links: Links
    clock: Clock


class Visit(Record):
    """A reviewer whose link or session was found good."""

    bearer: Pass
    session: str
    address: str
    review: Review


def show_review(request: Request, *, desk: ReviewDesk) -> Entrance | ReviewPage:
    """Open a session for a mailed link, or give the page of a session.

    Raises: LinkInvalid or ReviewExpired.
    """
    if "link" in request.parameters:
        return _enter(request, desk)
    return review_page(visit(request, desk), desk)


def visit(request: Request, desk: ReviewDesk) -> Visit:
    """Find out who visits which review.

    Raises: LinkInvalid without a session of ours, ReviewExpired for one whose time is over.
    """
    wanted = _wanted_review(request)
    session = request.cookies.get(cookie_name(wanted, own_origin=request.own_origin), "")
    bearer = desk.links.open_session(session)
    if bearer.review != wanted:
        raise LinkInvalid(wanted)
    review, address = _reviewer(bearer, desk)
    if _is_over(bearer, desk):
        raise ReviewExpired(wanted)
    return Visit(bearer=bearer, session=session, address=address, review=review)


def review_page(
    visit: Visit, desk: ReviewDesk, *, problem: Problem | None = None, kept: Kept | None = None
) -> ReviewPage:
    """Gather everything that the page shows of a review as it now stands."""
    review = desk.reviews.get(visit.review.review)
    drafts = drafts_with_evidence(
        review.generation, review.round, drafts=desk.drafts, verifications=desk.verifications
    )
    return ReviewPage(
        review=review,
        request=desk.generations.get(review.generation).request,
        drafts=drafts,
        league=desk.leagues.get(review.generation, review.round),
        reviewer=visit.address,
        csrf=desk.links.csrf(visit.session),
        shown=shown_sha256(tuple(reviewed_draft(one) for one in drafts)),
        earlier_notes=_earlier_notes(review, desk),
        closed_as=_closed_as(review, desk),
        problem=problem,
        kept=kept or Kept(),
    )


def page_path(review: Review) -> str:
    """Give the page's address, which holds no secret."""
    return f"/reviews/{review.generation}/{review.round}"


def _enter(request: Request, desk: ReviewDesk) -> Entrance:
    bearer = desk.links.open_link(request.parameters["link"])
    review, _ = _reviewer(bearer, desk)
    if _is_over(bearer, desk):
        raise LinkInvalid(bearer.review)
    return Entrance(
        review=review.review,
        location=page_path(review),
        session=desk.links.session(bearer),
        seconds=bearer.expiry - int(desk.clock.now().timestamp()),
    )


def _reviewer(bearer: Pass, desk: ReviewDesk) -> tuple[Review, str]:
    try:
        review = desk.reviews.get(bearer.review)
    except ReviewMissing as error:
        raise LinkInvalid(bearer.review) from error
    known = {reviewer_id(address): address for address in review.reviewers}
    if bearer.nonce != review.nonce or bearer.reviewer not in known:
        raise LinkInvalid(bearer.review)
    return review, known[bearer.reviewer]


def _is_over(bearer: Pass, desk: ReviewDesk) -> bool:
    return desk.clock.now().timestamp() >= bearer.expiry


def _wanted_review(request: Request) -> str:
    generation = request.parameters.get("generation", "")
    round_number = request.parameters.get("round", "")
    if not (round_number.isascii() and round_number.isdigit()):
        raise LinkInvalid(round_number)
    return review_id(generation, int(round_number))


def _earlier_notes(review: Review, desk: ReviewDesk) -> str:
    if review.round == 1:
        return ""
    return desk.reviews.get(review_id(review.generation, review.round - 1)).notes


def _closed_as(review: Review, desk: ReviewDesk) -> str:
    try:
        require_open(review, now=desk.clock.now())
    except ReviewError as error:
        return type(error).__name__
    return ""
