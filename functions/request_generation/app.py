"""Handles the form with which a course author starts a generation."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.pages.authoring import respond
from coursewright.settings import settings
from coursewright.steps.request_generation import RequestGenerationDeps, request_generation
from coursewright.web.http import parse_request


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle `POST` of the form for a new generation."""
    deps = RequestGenerationDeps(
        lessons=wiring.lessons(),
        bus=wiring.event_bus(),
        models=wiring.registry(),
        catalogue=wiring.model_catalogue(),
        pessimistic=wiring.pessimistic_price(),
        settings=settings(),
    )
    request = parse_request(event, public_url=settings().authoring_url)
    outcome = request_generation(request, deps=deps)
    return respond(outcome, accept_language=request.accept_language).payload(request)
