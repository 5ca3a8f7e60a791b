"""Converts an authoring controller's result to an HTTP response."""

from coursewright.domain.base import Record
from coursewright.domain.problems import SignInProblem
from coursewright.pages.assets import content_hash
from coursewright.pages.authoring import AuthoringPage, render_authoring, render_foreign_form
from coursewright.pages.authoring_page import (
    ExportFailedPage,
    ExportPendingPage,
    FormPage,
    FormProblem,
    NotStartedPage,
    SignInPage,
    Viewer,
)
from coursewright.web.http import Request
from coursewright.web.responses import Response, page_response, redirect

REFRESH_SECONDS = 3  # while an export is being prepared


SIGN_IN_STATUS = {
    None: 401,
    SignInProblem.DENIED: 403,
    SignInProblem.NO_SCOPE: 403,
    SignInProblem.UNAVAILABLE: 424,  # the failure is the issuer's, not this site's
    SignInProblem.NOT_CONFIGURED: 424,
}


class RequestAccepted(Record):
    """An accepted request; `location` is the path of the page with its result."""

    location: str


class ForeignForm(Record):
    """A form that did not come from the authoring pages."""


type AuthoringOutcome = RequestAccepted | ForeignForm | AuthoringPage


def respond(
    request: Request, outcome: AuthoringOutcome, *, viewer: Viewer | None = None
) -> Response:
    """Return the response in the browser's preferred language."""
    accept_language = request.accept_language
    match outcome:
        case RequestAccepted():
            return redirect(outcome.location)
        case ForeignForm():
            return _page(403, render_foreign_form(accept_language=accept_language, viewer=viewer))
        case _:
            html = render_authoring(outcome, accept_language=accept_language, viewer=viewer)
            seconds = REFRESH_SECONDS if isinstance(outcome, ExportPendingPage) else 0
            return _page(_status(outcome), html, refresh_seconds=seconds)


def _status(page: AuthoringPage) -> int:
    match page:
        case SignInPage():
            return SIGN_IN_STATUS.get(page.problem, 400)
        case NotStartedPage() | ExportFailedPage(problems=()):
            return 404
        case ExportFailedPage() | FormPage(problem=FormProblem()):
            return 422
        case _:
            return 200


def _page(status: int, html: str, *, refresh_seconds: int = 0) -> Response:
    return page_response(
        status,
        html,
        style_hashes=(content_hash("style.css"), content_hash("authoring.css")),
        script_hashes=(content_hash("authoring.js"),),
        refreshes=True,
        refresh_seconds=refresh_seconds,
    )
