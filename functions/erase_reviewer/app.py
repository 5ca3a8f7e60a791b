"""Forgets a reviewer on request."""

from typing import Any
from uuid import uuid4

from coursewright import wiring, wiring_erasure
from coursewright.observability import logged
from coursewright.steps.erase_reviewer import (
    EraseReviewerDeps,
    EraseReviewerTask,
    erase_reviewer,
)


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Forget as much as there is time for, and say where to go on."""
    deps = EraseReviewerDeps(
        generations=wiring.generations(),
        records=wiring_erasure.reviewer_records(),
        link_salt=lambda: uuid4().hex,
        clock=wiring.clock(),
        has_time=wiring_erasure.has_time(context),
    )
    task = EraseReviewerTask.model_validate(event)
    return erase_reviewer(task, deps=deps).model_dump()
