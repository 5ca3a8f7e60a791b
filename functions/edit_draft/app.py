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
        **wiring.review_ports(),
        start_check=wiring.start_edit_check(),
    )
    request = parse_request(event, public_url=settings().public_url)
    return respond(request, lambda: edit_draft(request, deps=deps)).payload(request)
