"""Records a reviewer's decision."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.decide_review import DecisionDeps
from coursewright.web.decide_review import decide_review
from coursewright.web.http import parse_request
from coursewright.web.review_responses import respond


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a `POST` of the review form."""
    deps = DecisionDeps(
        **wiring.review_ports(),
        review_tasks=wiring.review_tasks(),
    )
    request = parse_request(event, public_url=settings().public_url)
    return respond(request, lambda: decide_review(request, deps=deps)).payload(request)
