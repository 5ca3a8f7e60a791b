"""Lets a reviewer in and gives them their pages; nothing is written."""

from coursewright.domain.errors import LinkInvalid
from coursewright.pages.page import Entrance, OwnPage, ReviewPage
from coursewright.steps.choices import choose
from coursewright.steps.edit_page import edit_page
from coursewright.steps.review_visit import (
    PageDesk,
    ReviewDesk,
    is_over,
    page_path,
    review_page,
    reviewer_of,
    visit,
)
from coursewright.web import Request


def show_review(request: Request, *, desk: PageDesk) -> Entrance | ReviewPage | OwnPage:
    """Open a session for a mailed link, or give a page of a session.

    Raises: LinkInvalid or ReviewExpired.
    """
    if "link" in request.parameters:
        return _enter(request, desk)
    visitor = visit(request, desk)
    if request.method == "POST":
        return choose(request, visitor, desk)
    if "place" in request.parameters:
        return edit_page(request, visitor, desk)
    return review_page(visitor, desk)


def _enter(request: Request, desk: ReviewDesk) -> Entrance:
    bearer = desk.links.open_link(request.parameters["link"])
    review, _ = reviewer_of(bearer, desk)
    if is_over(bearer, desk):
        raise LinkInvalid(bearer.review)
    return Entrance(
        review=review.review,
        location=page_path(review),
        session=desk.links.session(bearer),
        seconds=bearer.expiry - int(desk.clock.now().timestamp()),
    )
