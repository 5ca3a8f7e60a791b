"""Lets a reviewer in and gives them their pages; nothing is written."""

from coursewright.domain.errors import LinkInvalid
from coursewright.pages.view_models import AuditAsJson, Entrance, FreshLinkPage, OwnPage, ReviewPage
from coursewright.steps.review_audit import audit_page
from coursewright.web.bulk_selection import choose
from coursewright.web.edit_page import edit_page
from coursewright.web.form_security import ReaderDesk
from coursewright.web.http import Request
from coursewright.web.session import (
    PageDesk,
    ReviewDesk,
    Visit,
    is_over,
    page_path,
    review_page,
    reviewer_of,
    visit,
)

FRESH_LINK, AUDIT, AUDIT_AS_JSON = "/fresh-link", "/audit", "/audit.json"


def show_review(
    request: Request, *, desk: ReaderDesk
) -> Entrance | ReviewPage | OwnPage | AuditAsJson:
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
    return _of_path(request.path, visitor, desk)


def _of_path(path: str, visitor: Visit, desk: ReaderDesk) -> ReviewPage | OwnPage | AuditAsJson:
    if path.endswith(AUDIT):
        return audit_page(visitor, desk)
    if path.endswith(AUDIT_AS_JSON):
        return AuditAsJson(content=audit_page(visitor, desk).for_programs())
    if path.endswith(FRESH_LINK):
        return _fresh_link_page(visitor, desk)
    return review_page(visitor, desk)


def _fresh_link_page(visitor: Visit, desk: PageDesk) -> FreshLinkPage:
    return FreshLinkPage(
        review=visitor.review,
        request=desk.generations.get(visitor.review.generation).request,
        reviewer=visitor.address,
        csrf=desk.links.csrf(visitor.session),
        closed_as="",
    )


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
