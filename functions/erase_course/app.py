"""Erases a course on request."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.erase_course import EraseCourseTask, erase_course
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
    return erase_course(EraseCourseTask.model_validate(event), deps=deps).model_dump()
