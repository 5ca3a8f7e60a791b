"""Forgets a course on request."""

from typing import Any

from coursewright import wiring, wiring_erasure
from coursewright.observability import logged
from coursewright.steps.erase_course import EraseCourseDeps, EraseCourseTask, erase_course


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Forget as much as there is time for, and say where to go on."""
    deps = EraseCourseDeps(
        generations=wiring.generations(),
        records=wiring_erasure.course_records(),
        clock=wiring.clock(),
        has_time=wiring_erasure.has_time(context),
    )
    return erase_course(EraseCourseTask.model_validate(event), deps=deps).model_dump()
