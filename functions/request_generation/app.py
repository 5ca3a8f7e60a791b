"""Handles the form that a course author uses to start a generation."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.request_generation import RequestGenerationDeps
from coursewright.steps.sign_in_author import AuthorAccess
from coursewright.web.author_session import respond_to_author
from coursewright.web.http import parse_request
from coursewright.web.request_generation import request_generation


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a `POST` of the form for a new generation."""
    deps = RequestGenerationDeps(
        lessons=wiring.lessons(),
        publish_module=wiring.event_bus().publish,
        models=wiring.registry(),
        list_models=wiring.model_catalogue().models,
        pessimistic=wiring.pessimistic_price(),
        settings=settings(),
    )
    access = AuthorAccess(cookies=wiring.author_cookies(), clock=wiring.clock())
    request = parse_request(event, public_url=settings().authoring_url)
    response = respond_to_author(
        request,
        lambda author: request_generation(request, author=author, deps=deps),
        access=access,
    )
    return response.payload(request)
