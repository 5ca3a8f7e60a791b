"""Erases a reviewer on request."""

from typing import Any
from uuid import uuid4

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.erase_reviewer import EraseReviewerTask, erase_reviewer
from coursewright.steps.erasure_walk import ErasureWalkDeps, has_time


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Erase as much as time allows and return where to continue."""
    deps = ErasureWalkDeps(
        generations=wiring.generations(),
        erasure=wiring.erasure(),
        clock=wiring.clock(),
        has_time=has_time(context),
    )
    task = EraseReviewerTask.model_validate(event)
    return erase_reviewer(task, link_salt=lambda: uuid4().hex, deps=deps).model_dump()
