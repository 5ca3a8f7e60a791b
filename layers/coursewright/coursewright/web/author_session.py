"""Identifies the course author who sent a request."""

from collections.abc import Callable

from pydantic import ValidationError

from coursewright.domain.author import Author, author_from_claims
from coursewright.pages.authoring_page import SignInPage, Viewer
from coursewright.web.authoring_responses import AuthoringOutcome, respond
from coursewright.web.http import Request
from coursewright.web.responses import Response


def respond_to_author(request: Request, act: Callable[[Author], AuthoringOutcome]) -> Response:
    """Act for the author who sent the request, or ask the visitor to sign in."""
    author = _token_author(request)
    if author is None:
        return respond(request, SignInPage())
    return respond(request, act(author), viewer=Viewer(name=author.label))


def _token_author(request: Request) -> Author | None:
    """Return the author named by the token that the API has validated, if there is one."""
    try:
        return author_from_claims(request.claims)
    except ValidationError:
        return None
