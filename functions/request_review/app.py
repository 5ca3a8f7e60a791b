"""Emails the reviewers and leaves the execution waiting."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.request_review import RequestReviewDeps, RequestTask, request_review


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Request review` state."""
    deps = RequestReviewDeps(
        reviews=wiring.reviews(),
        generations=wiring.generations(),
        lessons=wiring.lessons(),
        drafts=wiring.drafts(),
        verifications=wiring.verifications(),
        leagues=wiring.leagues(),
        links=wiring.links(),
        clock=wiring.clock(),
        review_tasks=wiring.review_tasks(),
        mailbox=wiring.mailbox(),
        audit=wiring.audit(),
        notification_topic=wiring.notification_topic(),
        public_url=settings().public_url,
        authoring_url=settings().authoring_url,
    )
    return request_review(RequestTask.model_validate(event), deps=deps)
