"""Handles a course author's request for an export."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.request_export import RequestExportDeps
from coursewright.web.authoring_responses import respond
from coursewright.web.http import parse_request
from coursewright.web.request_export import request_export


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle `POST` of the form on the page of a published generation."""
    deps = RequestExportDeps(exporter=wiring.exporter())
    request = parse_request(event, public_url=settings().authoring_url)
    outcome = request_export(request, deps=deps)
    return respond(request, outcome).payload(request)
