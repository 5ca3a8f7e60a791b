"""Approved assignments become a file that a teacher can download."""

import re
from collections.abc import Iterable

from pydantic import Field

from coursewright.domain.assignment import Assignment
from coursewright.domain.base import Record
from coursewright.domain.errors import DraftMissing, ExportImpossible
from coursewright.domain.export import Exported, Format
from coursewright.domain.lesson import IDENTIFIER
from coursewright.exports.archive import download
from coursewright.exports.export import export
from coursewright.ports.assignments import Assignments
from coursewright.ports.generations import Generations


class ExportTask(Record):
    """What to export: ids of assignments or generations, or modules as `course/module`."""

    names: tuple[str, ...] = Field(min_length=1, max_length=1000)
    format: Format


def export_assignments(
    task: ExportTask, *, assignments: Assignments, generations: Generations
) -> Exported:
    """Write approved assignments in a format and keep the file for a while.

    Raises: ExportImpossible.
    """
    wanted = approved(task.names, assignments=assignments, generations=generations)
    file = download(export(wanted, task.format), task.format)
    link = assignments.save_export(file.name, file.content, file.media_type)
    return Exported(format=task.format, assignments=len(wanted), file=file.name, link=link)


def approved(
    names: Iterable[str], *, assignments: Assignments, generations: Generations
) -> tuple[Assignment, ...]:
    """Find approved assignments, each once, in the order in which they are named.

    Raises: ExportImpossible says of each name what is wrong with it.
    """
    found: dict[str, Assignment] = {}
    problems: list[str] = []
    for name in names:
        try:
            each = _named(name, assignments, generations)
            found |= {one.assignment: one for one in each}
        except ExportImpossible as problem:
            problems.append(str(problem))
    if problems:
        raise ExportImpossible("\n".join(problems))
    return tuple(found.values())


def _named(name: str, assignments: Assignments, generations: Generations) -> tuple[Assignment, ...]:
    course, slash, module = name.partition("/")
    if slash and re.match(IDENTIFIER, course) and re.match(IDENTIFIER, module):
        if published := assignments.of_module(course, module):
            return published
        raise ExportImpossible(f"{name}: no assignment of this module was approved.")
    if one := assignments.find(name):
        return (one,)
    try:
        generation = generations.get(name)
    except DraftMissing as error:
        raise ExportImpossible(f"{name!r} is no approved assignment and no generation.") from error
    request = generation.request
    of_module = assignments.of_module(request.course.id, request.module.id)
    if of_generation := tuple(one for one in of_module if one.generation == name):
        return of_generation
    raise ExportImpossible(f"{name}: no assignment was approved; this run is {generation.status}.")
