"""Records a reviewer's decision."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.pages.render import respond
from coursewright.settings import settings
from coursewright.steps.decide_review import DecisionDeps, decide_review
from coursewright.web.http import parse_request


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle `POST` of a review's form."""
    deps = DecisionDeps(
        reviews=wiring.reviews(),
        generations=wiring.generations(),
        drafts=wiring.drafts(),
        verifications=wiring.verifications(),
        leagues=wiring.leagues(),
        lessons=wiring.lessons(),
        links=wiring.links(),
        clock=wiring.clock(),
        audit=wiring.audit(),
        review_tasks=wiring.review_tasks(),
    )
    request = parse_request(event, public_url=settings().public_url)
    return respond(request, lambda: decide_review(request, deps=deps)).payload(request)
