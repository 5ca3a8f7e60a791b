"""Forgets a reviewer on request."""

from typing import Any
from uuid import uuid4

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.forget_reviewer import (
    ForgetReviewerTask,
    ReviewerArchive,
    forget_reviewer,
)


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Forget as much as there is time for, and say where to go on."""
    archive = ReviewerArchive(
        generations=wiring.generations(),
        records=wiring.reviewer_records(),
        nonce=lambda: uuid4().hex,
        clock=wiring.clock(),
        has_time=wiring.has_time(context),
    )
    task = ForgetReviewerTask.model_validate(event)
    return forget_reviewer(task, archive=archive).model_dump()
