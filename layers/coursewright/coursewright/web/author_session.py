"""Identifies the course author who sent a request: by a validated token, or by a session."""

from collections.abc import Callable
from urllib.parse import urlencode

from pydantic import ValidationError

from coursewright.domain.author import Author, author_from_claims
from coursewright.pages.authoring_page import SignInPage, Viewer
from coursewright.steps.sign_in_author import AuthorAccess, open_session
from coursewright.web.authoring_json import respond_as_json
from coursewright.web.authoring_responses import AuthoringOutcome, respond
from coursewright.web.http import Request, author_cookie_name
from coursewright.web.refusal import refusal_response
from coursewright.web.responses import Response, redirect
from coursewright.web.routes import SIGN_IN

SESSION = "session"


def respond_to_author(
    request: Request, act: Callable[[Author], AuthoringOutcome], *, access: AuthorAccess
) -> Response:
    """Act for the author who sent the request, or ask the visitor to sign in.

    The API validates the tokens of programs; pages have a session. Without one, a form or a page
    that refreshes itself gets a page, because a redirect to the issuer would lose the form.
    """
    if request.refusal is not None:
        return refusal_response(request, request.refusal)
    author = _token_author(request)
    if request.is_api:
        return respond_as_json(act(author) if author else SignInPage())
    if author:
        return respond(request, act(author), viewer=Viewer(name=author.label))
    session = open_session(_session_cookie(request), access=access)
    if session is None:
        return _ask(request)
    viewer = Viewer(name=session.author.label, has_session=True)
    return respond(request, act(session.author), viewer=viewer)


def _token_author(request: Request) -> Author | None:
    try:
        return author_from_claims(request.claims)
    except ValidationError:
        return None


def _session_cookie(request: Request) -> str:
    name = author_cookie_name(SESSION, own_origin=request.own_origin)
    return request.cookies.get(name, "")


def _ask(request: Request) -> Response:
    is_visit = request.headers.get("sec-fetch-mode", "navigate") == "navigate"
    if request.method == "GET" and is_visit:
        return redirect(f"{SIGN_IN}?{urlencode({'to': request.path})}")
    return respond(request, SignInPage())
