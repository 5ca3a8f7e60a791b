"""A course is forgotten: its lessons, drafts, reviews and assignments go, the audit stays."""

from dataclasses import dataclass

from pydantic import Field

from coursewright.domain.base import Record
from coursewright.domain.lesson import IDENTIFIER
from coursewright.ports.generations import CourseRecords
from coursewright.steps.erasure_walk import Erased, ErasureWalkDeps, each_generation, require_ended


class EraseCourseTask(Record):
    """What to forget; `after` is where an earlier invocation stopped."""

    course: str = Field(pattern=IDENTIFIER)
    also_running: bool = False
    after: str = ""


@dataclass(frozen=True)
class EraseCourseDeps(ErasureWalkDeps):
    """What is deleted, besides."""

    records: CourseRecords


def erase_course(task: EraseCourseTask, *, deps: EraseCourseDeps) -> Erased:
    """Delete what was made for a course, as far as the time of this invocation goes.

    All of it again changes nothing. Raises: GenerationRunning.
    """
    if not task.also_running:
        require_ended(deps, lambda one: one.request.course.id == task.course)
    found = Erased()
    for place, generation in each_generation(deps, task.after):
        is_its_own = generation.request.course.id == task.course
        found = found.and_then(deps.records.forget(generation) if is_its_own else 0)
        if not deps.has_time():
            return found.model_copy(update={"done": False, "after": place})
    return found.and_then(deps.records.erase_notes(task.course), generations=0)
