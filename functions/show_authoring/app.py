"""Renders the authoring pages; writes nothing."""

from secrets import token_urlsafe
from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.generation_progress import AuthoringDeps
from coursewright.steps.sign_in_author import AuthorAccess
from coursewright.web.author_session import respond_to_author
from coursewright.web.http import parse_request
from coursewright.web.show_authoring import show_authoring


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a `GET` of the list, the form, a generation or an export."""
    deps = AuthoringDeps(
        generations=wiring.generations(),
        drafts=wiring.drafts(),
        verifications=wiring.verifications(),
        answers=wiring.answers(),
        reviews=wiring.reviews(),
        executions=wiring.known_executions(),
        models=wiring.registry(),
        list_models=wiring.model_catalogue().models,
        exports=wiring.exports(),
        clock=wiring.clock(),
    )
    access = AuthorAccess(cookies=wiring.author_cookies(), clock=wiring.clock())
    request = parse_request(event, public_url=settings().authoring_url)
    defaults = settings().brief_defaults
    response = respond_to_author(
        request,
        lambda _: show_authoring(request, deps=deps, defaults=defaults, ticket=token_urlsafe),
        access=access,
    )
    return response.payload(request)
