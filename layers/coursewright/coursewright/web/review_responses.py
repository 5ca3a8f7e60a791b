"""Converts a review controller's result to an HTTP response."""

from collections.abc import Callable
from typing import Any

from coursewright.domain.base import Record
from coursewright.domain.errors import LinkInvalid, ReviewError, ReviewExpired, ReviewMissing
from coursewright.pages.assets import content_hash
from coursewright.pages.problems import problem_status
from coursewright.pages.review import (
    render_link_requested,
    render_problem,
    render_review,
    render_subpage,
)
from coursewright.pages.view_models import Problem, ReviewPage, ReviewSubpage
from coursewright.web.http import Request
from coursewright.web.refusal import refusal_response
from coursewright.web.responses import (
    Response,
    json_response,
    page_response,
    redirect,
    session_cookie,
    sign_in_cookie,
)
from coursewright.web.routes import FRESH_LINK_OFFERS


class SessionOpened(Record):
    """A valid link, with the page that it leads to and the session that it opens."""

    review: str
    location: str
    session: str
    seconds: int


class SubmissionAccepted(Record):
    """An accepted form, with the page that shows the result and a sign-in to remember."""

    location: str
    review: str = ""
    sign_in: str = ""
    seconds: int = 0


class FreshLinkRequested(Record):
    """A request for a fresh link; only the link's owner learns, by email, whether it was sent."""


class AuditDocument(Record):
    """The audit trail of a review as JSON."""

    content: dict[str, Any]


type ReviewOutcome = (
    SessionOpened
    | SubmissionAccepted
    | FreshLinkRequested
    | AuditDocument
    | ReviewPage
    | ReviewSubpage
)


def respond(request: Request, controller: Callable[[], ReviewOutcome]) -> Response:
    """Run a controller and return its response; all invalid links lead to the same page."""
    if request.refusal is not None:
        return refusal_response(request, request.refusal)
    try:
        outcome = controller()
    except (LinkInvalid, ReviewMissing):
        return problem_response(LinkInvalid, request, can_ask=_can_ask(request))
    except ReviewExpired:
        return problem_response(ReviewExpired, request)
    return _outcome_response(outcome, request)


def review_response(page: ReviewPage) -> Response:
    """Return the review page."""
    return _page(problem_status(page.problem), render_review(page), "review.js")


def subpage_response(page: ReviewSubpage) -> Response:
    """Return a subpage of the review."""
    html = render_subpage(page)
    return _page(problem_status(page.problem), html, refresh_seconds=page.refresh_seconds)


def problem_response(
    error: type[ReviewError], request: Request, *, can_ask: bool = False
) -> Response:
    """Return a page that names the problem without revealing anything about a review."""
    problem = Problem(name=error.__name__)
    html = render_problem(problem, accept_language=request.accept_language, can_ask=can_ask)
    return _page(problem_status(problem), html)


def _outcome_response(outcome: ReviewOutcome, request: Request) -> Response:
    match outcome:
        case SessionOpened():
            return redirect(outcome.location, _session_cookie(outcome, request))
        case SubmissionAccepted():
            return redirect(outcome.location, *_sign_in_cookies(outcome, request))
        case FreshLinkRequested():
            html = render_link_requested(accept_language=request.accept_language)
            return _page(200, html)
        case AuditDocument():
            return json_response(outcome.content)
        case ReviewPage():
            return review_response(outcome)
        case ReviewSubpage():
            return subpage_response(outcome)


def _session_cookie(opened: SessionOpened, request: Request) -> str:
    return session_cookie(
        opened.review,
        opened.session,
        own_origin=request.own_origin,
        seconds=opened.seconds,
    )


def _sign_in_cookies(accepted: SubmissionAccepted, request: Request) -> tuple[str, ...]:
    if not accepted.sign_in:
        return ()
    cookie = sign_in_cookie(
        accepted.review,
        accepted.sign_in,
        own_origin=request.own_origin,
        seconds=accepted.seconds,
    )
    return (cookie,)


def _can_ask(request: Request) -> bool:
    return request.method in ("GET", "HEAD") and request.route in FRESH_LINK_OFFERS


def _page(status: int, html: str, *scripts: str, refresh_seconds: int = 0) -> Response:
    return page_response(
        status,
        html,
        style_hashes=(content_hash("style.css"), content_hash("frame.css")),
        script_hashes=tuple(map(content_hash, scripts)),
        refresh_seconds=refresh_seconds,
    )
