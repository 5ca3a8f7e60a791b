"""Handles a course author's request for an export."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.pages.authoring import respond
from coursewright.settings import settings
from coursewright.steps.request_export import request_export
from coursewright.web.http import parse_request


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle `POST` of the form on the page of a published generation."""
    request = parse_request(event, public_url=settings().authoring_url)
    outcome = request_export(request, exporter=wiring.exporter())
    return respond(outcome, accept_language=request.accept_language).payload(request)
