"""Controller for signing course authors in and out."""

import re

from coursewright.domain.errors import SignInFailed
from coursewright.domain.sign_in import SignInAnswer
from coursewright.observability import logger
from coursewright.pages.authoring_page import SignedOutPage, SignInPage
from coursewright.steps.sign_in_author import (
    ATTEMPT_PERIOD,
    SESSION_PERIOD,
    SignInDeps,
    begin_sign_in,
    begun_attempt,
    finish_sign_in,
)
from coursewright.web.author_session import SESSION
from coursewright.web.authoring_responses import ForeignForm, respond
from coursewright.web.http import Request, author_cookie_name
from coursewright.web.responses import Response, author_cookie, redirect
from coursewright.web.routes import CALLBACK, SIGN_OUT, SIGNED_OUT

ATTEMPT = "sign-in"
HOME = "/authoring"
# Our own paths only: no host, no query and no dot segments.
OWN_PATH = re.compile(r"/authoring(?:/(?!\.)[A-Za-z0-9_~%.-]{1,200}){0,4}")


def sign_in_author(request: Request, *, deps: SignInDeps) -> Response:
    """Return the next step of signing in or out."""
    if request.route == SIGN_OUT:
        return _sign_out(request, deps)
    if request.route == SIGNED_OUT:
        return respond(request, SignedOutPage())
    try:
        return _finish(request, deps) if request.route == CALLBACK else _begin(request, deps)
    except SignInFailed as error:
        logger.warning("sign_in_failed", code=error.code, problem=str(error))
        return respond(request, SignInPage(problem=error.code))


def _begin(request: Request, deps: SignInDeps) -> Response:
    return_to = request.query.get("to", HOME)
    if not OWN_PATH.fullmatch(return_to):
        return_to = HOME
    begun = begin_sign_in(return_to, redirect_uri=_redirect_uri(request), deps=deps)
    seconds = int(ATTEMPT_PERIOD.total_seconds())
    return redirect(begun.address, _cookie(request, ATTEMPT, begun.cookie, seconds))


def _finish(request: Request, deps: SignInDeps) -> Response:
    query = request.query
    answer = SignInAnswer(
        code=query.get("code", ""),
        state=query.get("state", ""),
        error=query.get("error", ""),
        issuer=query.get("iss", ""),
    )
    name = author_cookie_name(ATTEMPT, own_origin=request.own_origin)
    attempt = begun_attempt(request.cookies.get(name, ""), answer, deps=deps)
    redirect_uri, done = _redirect_uri(request), _cookie(request, ATTEMPT, "", 0)
    try:
        session = finish_sign_in(answer, attempt, redirect_uri=redirect_uri, deps=deps)
    except SignInFailed as error:
        logger.warning("sign_in_failed", code=error.code, problem=str(error))
        failed = respond(request, SignInPage(problem=error.code))
        return failed.model_copy(update={"cookies": (done,)})
    seconds = int(SESSION_PERIOD.total_seconds())
    return redirect(attempt.return_to, done, _cookie(request, SESSION, session, seconds))


def _sign_out(request: Request, deps: SignInDeps) -> Response:
    """End the session; a page then leads to the issuer, because forms must not leave the site."""
    if not request.is_same_origin:
        return respond(request, ForeignForm())
    try:
        address = deps.issuer.sign_out_url(return_to=f"{request.own_origin}{SIGNED_OUT}")
    except SignInFailed as error:
        logger.warning("sign_out_failed", code=error.code, problem=str(error))
        address = ""
    page = respond(request, SignedOutPage(address=address))
    headers = {"refresh": f"0; url={address}"} if address else {}
    forgotten = _cookie(request, SESSION, "", 0)
    return page.model_copy(update={"cookies": (forgotten,), "headers": page.headers | headers})


def _redirect_uri(request: Request) -> str:
    return f"{request.own_origin}{CALLBACK}"


def _cookie(request: Request, purpose: str, signed: str, seconds: int) -> str:
    return author_cookie(purpose, signed, own_origin=request.own_origin, seconds=seconds)
