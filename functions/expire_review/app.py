"""Expires a review that was not decided in time."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.expire_review import ExpireTask, expire_review


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Expire review` state."""
    return expire_review(
        ExpireTask.model_validate(event),
        reviews=wiring.reviews(),
        audit=wiring.audit(),
        clock=wiring.clock(),
    )
