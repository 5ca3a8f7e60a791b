"""Lets a reviewer in and gives them their pages; nothing is written."""

from coursewright.domain.errors import LinkInvalid
from coursewright.pages.view_models import (
    AuditDocument,
    FreshLinkPage,
    ReviewPage,
    ReviewSubpage,
    SessionOpened,
)
from coursewright.steps.review_audit import audit_page
from coursewright.web.bulk_selection import choose
from coursewright.web.edit_page import edit_page
from coursewright.web.form_security import ReaderDeps
from coursewright.web.http import Request
from coursewright.web.session import (
    PageDeps,
    ReviewDeps,
    Visit,
    has_expired,
    page_path,
    review_page,
    reviewer_of,
    visit,
)

FRESH_LINK, AUDIT, AUDIT_AS_JSON = "/fresh-link", "/audit", "/audit.json"


def show_review(
    request: Request, *, deps: ReaderDeps
) -> SessionOpened | ReviewPage | ReviewSubpage | AuditDocument:
    """Open a session for a mailed link, or give a page of a session.

    Raises: LinkInvalid or ReviewExpired.
    """
    if "link" in request.parameters:
        return _enter(request, deps)
    visitor = visit(request, deps)
    if request.method == "POST":
        return choose(request, visitor, deps)
    if "place" in request.parameters:
        return edit_page(request, visitor, deps)
    return _of_path(request.path, visitor, deps)


def _of_path(
    path: str, visitor: Visit, deps: ReaderDeps
) -> ReviewPage | ReviewSubpage | AuditDocument:
    if path.endswith(AUDIT):
        return audit_page(visitor, deps)
    if path.endswith(AUDIT_AS_JSON):
        return AuditDocument(content=audit_page(visitor, deps).for_programs())
    if path.endswith(FRESH_LINK):
        return _fresh_link_page(visitor, deps)
    return review_page(visitor, deps)


def _fresh_link_page(visitor: Visit, deps: PageDeps) -> FreshLinkPage:
    return FreshLinkPage(
        review=visitor.review,
        request=deps.generations.get(visitor.review.generation).request,
        reviewer=visitor.address,
        csrf=deps.links.csrf(visitor.session),
        closed_reason="",
    )


def _enter(request: Request, deps: ReviewDeps) -> SessionOpened:
    claims = deps.links.open_link(request.parameters["link"])
    review, _ = reviewer_of(claims, deps)
    if has_expired(claims, deps):
        raise LinkInvalid(claims.review)
    return SessionOpened(
        review=review.review,
        location=page_path(review),
        session=deps.links.session(claims),
        seconds=claims.expiry - int(deps.clock.now().timestamp()),
    )
