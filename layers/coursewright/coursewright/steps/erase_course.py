"""Erases a course's lessons, drafts, reviews and assignments, but not the audit trail."""

from pydantic import Field

from coursewright.domain.lesson import IDENTIFIER
from coursewright.steps.erasure_walk import Erased, ErasureTask, ErasureWalkDeps, erase_affected


class EraseCourseTask(ErasureTask):
    """The course to erase; `after` is where an earlier invocation stopped."""

    course: str = Field(pattern=IDENTIFIER)


def erase_course(task: EraseCourseTask, *, deps: ErasureWalkDeps) -> Erased:
    """Delete a course's data until the invocation runs out of time; idempotent.

    Raises: GenerationRunning.
    """
    erased = erase_affected(
        task,
        lambda generation: generation.request.course.id == task.course,
        deps.erasure.erase_generation,
        deps=deps,
    )
    if not erased.done:
        return erased
    return erased.and_then(deps.erasure.erase_course_notes(task.course), generations=0)
