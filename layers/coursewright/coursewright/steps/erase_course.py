"""A course is forgotten: its lessons, drafts, reviews and assignments go, the audit stays."""

from dataclasses import dataclass

from pydantic import Field

from coursewright.domain.base import Record
from coursewright.domain.lesson import IDENTIFIER
from coursewright.ports.generations import CourseRecords
from coursewright.steps.erasure_walk import Archive, Forgotten, each_generation, require_ended


class ForgetCourseTask(Record):
    """What to forget; `after` is where an earlier invocation stopped."""

    course: str = Field(pattern=IDENTIFIER)
    also_running: bool = False
    after: str = ""


@dataclass(frozen=True)
class CourseArchive(Archive):
    """What is deleted, besides."""

    records: CourseRecords


def forget_course(task: ForgetCourseTask, *, archive: CourseArchive) -> Forgotten:
    """Delete what was made for a course, as far as the time of this invocation goes.

    All of it again changes nothing. Raises: GenerationRunning.
    """
    if not task.also_running:
        require_ended(archive, lambda one: one.request.course.id == task.course)
    found = Forgotten()
    for place, generation in each_generation(archive, task.after):
        is_its_own = generation.request.course.id == task.course
        found = found.and_then(archive.records.forget(generation) if is_its_own else 0)
        if not archive.has_time():
            return found.model_copy(update={"done": False, "after": place})
    return found.and_then(archive.records.forget_notes(task.course), generations=0)
