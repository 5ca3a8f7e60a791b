"""Renders the review pages; writes nothing."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.reviewed_drafts import ReviewDeps
from coursewright.web.http import parse_request
from coursewright.web.review_responses import respond
from coursewright.web.show_review import show_review


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a `GET` or `HEAD` of a link or a review."""
    deps = ReviewDeps(**wiring.review_ports())
    request = parse_request(event, public_url=settings().public_url)
    return respond(request, lambda: show_review(request, deps=deps)).payload(request)
