"""Controller for the read-only review pages: opens sessions and shows pages."""

from coursewright.domain.errors import LinkInvalid
from coursewright.pages.view_models import FreshLinkPage, ReviewPage, ReviewSubpage
from coursewright.steps.reviewed_drafts import ReviewDeps
from coursewright.web.bulk_selection import apply_selection
from coursewright.web.edit_draft import edit_page
from coursewright.web.http import Request
from coursewright.web.review_audit import audit_page
from coursewright.web.review_responses import AuditDocument, SessionOpened
from coursewright.web.routes import AUDIT, AUDIT_JSON, FRESH_LINK
from coursewright.web.session import (
    ReviewSession,
    has_expired,
    require_session,
    resolve_claims,
    review_page,
)


def show_review(
    request: Request, *, deps: ReviewDeps
) -> SessionOpened | ReviewPage | ReviewSubpage | AuditDocument:
    """Open a session for an emailed link, or return a page within a session.

    Raises: LinkInvalid or ReviewExpired.
    """
    if "link" in request.parameters:
        return _open_session(request, deps)
    session = require_session(request, deps)
    if request.method == "POST":
        return apply_selection(request, session, deps)
    if "place" in request.parameters:
        return edit_page(request, session, deps)
    return _page(request.route, session, deps)


def _page(
    route: str, session: ReviewSession, deps: ReviewDeps
) -> ReviewPage | ReviewSubpage | AuditDocument:
    if route == AUDIT:
        return audit_page(session, deps)
    if route == AUDIT_JSON:
        return AuditDocument(content=audit_page(session, deps).as_json())
    if route == FRESH_LINK:
        return _fresh_link_page(session, deps)
    return review_page(session, deps)


def _fresh_link_page(session: ReviewSession, deps: ReviewDeps) -> FreshLinkPage:
    return FreshLinkPage(
        review=session.review,
        request=deps.generations.get(session.review.generation).request,
        reviewer=session.address,
        csrf=deps.links.csrf(session.cookie),
        closed_reason="",
    )


def _open_session(request: Request, deps: ReviewDeps) -> SessionOpened:
    claims = deps.links.open_link(request.parameters["link"])
    review, _ = resolve_claims(claims, deps)
    if has_expired(claims, deps):
        raise LinkInvalid(claims.review)
    return SessionOpened(
        review=review.review,
        location=review.path,
        session=deps.links.session(claims),
        seconds=claims.expiry - int(deps.clock.now().timestamp()),
    )
