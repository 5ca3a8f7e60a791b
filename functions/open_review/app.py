"""Opens a review round."""

import secrets
from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.open_review import OpenTask, open_review


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Open review` state."""
    return open_review(
        OpenTask.model_validate(event),
        open_seconds=settings().review_timeout_seconds * (settings().max_reminders + 1),
        link_salt=lambda: secrets.token_urlsafe(12),
        generations=wiring.generations(),
        drafts=wiring.drafts(),
        verifications=wiring.verifications(),
        reviews=wiring.reviews(),
        assignments=wiring.assignments(),
        audit=wiring.audit(),
        clock=wiring.clock(),
    )
