"""Turns what an authoring controller returns into an HTTP response."""

from coursewright.domain.base import Record
from coursewright.pages.assets import content_hash
from coursewright.pages.authoring import AuthoringPage, render_authoring, render_foreign_form
from coursewright.pages.authoring_page import ExportFailedPage, FormPage, NotStartedPage
from coursewright.web.http import Request
from coursewright.web.responses import Response, page_response, redirect


class GenerationRequested(Record):
    """A generation was requested; `location` is the path of its page."""

    location: str


class ForeignForm(Record):
    """A form that did not come from the authoring pages."""


type AuthoringOutcome = GenerationRequested | ForeignForm | AuthoringPage


def respond(request: Request, outcome: AuthoringOutcome) -> Response:
    """Return the response in the browser's preferred language."""
    accept_language = request.accept_language
    match outcome:
        case GenerationRequested():
            return redirect(outcome.location)
        case ForeignForm():
            return _page(403, render_foreign_form(accept_language=accept_language))
        case _:
            html = render_authoring(outcome, accept_language=accept_language)
            return _page(_status(outcome), html)


def _status(page: AuthoringPage) -> int:
    """Return the HTTP status; an export is a page, since a form may not redirect to S3."""
    if isinstance(page, NotStartedPage):
        return 404
    is_invalid = isinstance(page, FormPage) and page.problem is not None
    return 422 if is_invalid or isinstance(page, ExportFailedPage) else 200


def _page(status: int, html: str) -> Response:
    return page_response(
        status,
        html,
        style_hashes=(content_hash("style.css"), content_hash("authoring.css")),
        script_hashes=(content_hash("authoring.js"),),
        refreshes=True,
    )
