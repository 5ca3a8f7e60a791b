"""Erases a course's lessons, drafts, reviews and assignments, but not the audit trail."""

from pydantic import Field

from coursewright.domain.base import Record
from coursewright.domain.lesson import IDENTIFIER
from coursewright.steps.erasure_walk import Erased, ErasureWalkDeps, each_generation, require_ended


class EraseCourseTask(Record):
    """The course to erase; `after` is where an earlier invocation stopped."""

    course: str = Field(pattern=IDENTIFIER)
    also_running: bool = False
    after: str = ""


def erase_course(task: EraseCourseTask, *, deps: ErasureWalkDeps) -> Erased:
    """Delete a course's data until the invocation runs out of time; idempotent.

    Raises: GenerationRunning.
    """
    if not task.also_running:
        require_ended(deps, lambda generation: generation.request.course.id == task.course)
    erased = Erased()
    for place, generation in each_generation(deps, task.after):
        is_affected = generation.request.course.id == task.course
        erased = erased.and_then(deps.erasure.erase_generation(generation) if is_affected else 0)
        if not deps.has_time():
            return erased.model_copy(update={"done": False, "after": place})
    return erased.and_then(deps.erasure.erase_course_notes(task.course), generations=0)
