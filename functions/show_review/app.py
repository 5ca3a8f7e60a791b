"""Renders the review pages; writes nothing."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.pages.render import respond
from coursewright.settings import settings
from coursewright.web.form_security import ReaderDeps
from coursewright.web.http import parse_request
from coursewright.web.show_review import show_review


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle `GET` and `HEAD` of a link or a review."""
    deps = ReaderDeps(
        reviews=wiring.reviews(),
        generations=wiring.generations(),
        drafts=wiring.drafts(),
        verifications=wiring.verifications(),
        leagues=wiring.leagues(),
        lessons=wiring.lessons(),
        links=wiring.links(),
        clock=wiring.clock(),
        audit=wiring.audit(),
    )
    request = parse_request(event, public_url=settings().public_url)
    return respond(request, lambda: show_review(request, deps=deps)).payload(request)
