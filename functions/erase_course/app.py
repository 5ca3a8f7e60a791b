"""Forgets a course on request."""

from typing import Any

from coursewright import wiring, wiring_forgetting
from coursewright.observability import logged
from coursewright.steps.erase_course import CourseArchive, ForgetCourseTask, forget_course


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Forget as much as there is time for, and say where to go on."""
    archive = CourseArchive(
        generations=wiring.generations(),
        records=wiring_forgetting.course_records(),
        clock=wiring.clock(),
        has_time=wiring_forgetting.has_time(context),
    )
    return forget_course(ForgetCourseTask.model_validate(event), archive=archive).model_dump()
