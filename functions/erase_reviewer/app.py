"""Forgets a reviewer on request."""

from typing import Any
from uuid import uuid4

from coursewright import wiring, wiring_forgetting
from coursewright.observability import logged
from coursewright.steps.erase_reviewer import (
    ForgetReviewerTask,
    ReviewerArchive,
    forget_reviewer,
)


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Forget as much as there is time for, and say where to go on."""
    archive = ReviewerArchive(
        generations=wiring.generations(),
        records=wiring_forgetting.reviewer_records(),
        nonce=lambda: uuid4().hex,
        clock=wiring.clock(),
        has_time=wiring_forgetting.has_time(context),
    )
    task = ForgetReviewerTask.model_validate(event)
    return forget_reviewer(task, archive=archive).model_dump()
