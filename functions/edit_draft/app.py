"""Records a reviewer's edit of a draft."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.edit_draft import EditDeps
from coursewright.web.edit_draft import edit_draft
from coursewright.web.http import parse_request
from coursewright.web.review_responses import respond


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a `POST` of the edit form."""
    deps = EditDeps(
        reviews=wiring.reviews(),
        generations=wiring.generations(),
        lessons=wiring.lessons(),
        drafts=wiring.drafts(),
        verifications=wiring.verifications(),
        leagues=wiring.leagues(),
        links=wiring.links(),
        clock=wiring.clock(),
        audit=wiring.audit(),
        edit_checks=wiring.edit_checks(),
    )
    request = parse_request(event, public_url=settings().public_url)
    return respond(request, lambda: edit_draft(request, deps=deps)).payload(request)
