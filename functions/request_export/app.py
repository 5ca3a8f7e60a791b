"""Handles a course author's request for an export."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.sign_in_author import AuthorAccess
from coursewright.web.author_session import respond_to_author
from coursewright.web.http import parse_request
from coursewright.web.request_export import request_export


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a `POST` of the form on a published generation's page."""
    access = AuthorAccess(cookies=wiring.author_cookies(), clock=wiring.clock())
    request = parse_request(event, public_url=settings().authoring_url)
    now = wiring.clock().now()
    start_export = wiring.start_export()
    response = respond_to_author(
        request,
        lambda author: request_export(request, author=author, start_export=start_export, now=now),
        access=access,
    )
    return response.payload(request)
