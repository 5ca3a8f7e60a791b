"""Controller for the forms that invite another reviewer or request a fresh link."""

from coursewright.domain.errors import LinkInvalid, MailError, ReviewError
from coursewright.domain.review import Review
from coursewright.observability import logger
from coursewright.pages.view_models import Problem, ReviewPage
from coursewright.steps import invite_reviewer as step
from coursewright.steps.invite_reviewer import InvitationDeps, link_owner, renew_link
from coursewright.web.form_security import (
    audit_refusal,
    read_submission,
    require_code,
    require_own_form,
)
from coursewright.web.http import Request
from coursewright.web.review_responses import FreshLinkRequested
from coursewright.web.routes import FRESH_LINK, REVIEWERS
from coursewright.web.session import (
    read_session_cookie,
    require_session,
    review_page,
)


def invite_reviewer(request: Request, *, deps: InvitationDeps) -> FreshLinkRequested | ReviewPage:
    """Invite the reviewer whose address was entered, or send a link's owner a fresh link.

    Raises: LinkInvalid or ReviewExpired.
    """
    if request.route == REVIEWERS:
        return _invite(request, deps)
    _renew(request, deps)
    return FreshLinkRequested()


def _invite(request: Request, deps: InvitationDeps) -> ReviewPage:
    session, submission = require_session(request, deps), read_submission(request)
    try:
        require_own_form(request, session, deps)
        require_code(request, session, deps)
        address = step.invite_reviewer(
            request.field("address").strip(),
            session.review,
            invited_by=session.address,
            public_url=request.own_origin,
            deps=deps,
        )
    except (ReviewError, MailError) as error:
        if isinstance(error, ReviewError):
            audit_refusal(error, session, deps)
        problem = Problem.from_error(error)
        return review_page(session, deps, problem=problem, submission=submission)
    page = review_page(session, deps, submission=submission)
    return page.model_copy(update={"invited": address})


def _renew(request: Request, deps: InvitationDeps) -> None:
    """Send a fresh link if possible; the response must not reveal whether it was sent."""
    try:
        review, address = _owner(request, deps)
        renew_link(address, review, public_url=request.own_origin, deps=deps)
    except (ReviewError, MailError) as error:
        logger.warning("no_fresh_link", error=type(error).__name__)


def _owner(request: Request, deps: InvitationDeps) -> tuple[Review, str]:
    if request.route == FRESH_LINK:
        session = require_session(request, deps)
        require_own_form(request, session, deps)
        return session.review, session.address
    if not request.is_same_origin:
        raise LinkInvalid("foreign origin")
    if "link" in request.parameters:
        return link_owner(deps.links.open_link(request.parameters["link"]), deps=deps)
    return link_owner(deps.links.open_session(read_session_cookie(request)), deps=deps)
