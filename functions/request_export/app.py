"""Handles a course author's request for an export."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.web.authoring_responses import respond
from coursewright.web.http import parse_request
from coursewright.web.request_export import request_export


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a `POST` of the form on a published generation's page."""
    request = parse_request(event, public_url=settings().authoring_url)
    now = wiring.clock().now()
    outcome = request_export(request, start_export=wiring.start_export(), now=now)
    return respond(request, outcome).payload(request)
