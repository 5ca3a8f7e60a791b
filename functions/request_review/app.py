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
        **wiring.review_ports(),
        review_tasks=wiring.review_tasks(),
        mailbox=wiring.mailbox(),
        publish_notification=wiring.notification_topic().publish,
        public_url=settings().public_url,
        authoring_url=settings().authoring_url,
    )
    return request_review(RequestTask.model_validate(event), deps=deps)
