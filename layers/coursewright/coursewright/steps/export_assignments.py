"""Exports approved assignments as a file that a teacher can download."""

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
    """Write approved assignments in a format and store the file behind an expiring link.

    Raises: ExportImpossible.
    """
    selected = approved(task.names, assignments=assignments, generations=generations)
    file = download(export(selected, task.format), task.format)
    link = assignments.save_export(file.name, file.content, file.media_type)
    return Exported(format=task.format, assignments=len(selected), file=file.name, link=link)


def approved(
    names: Iterable[str], *, assignments: Assignments, generations: Generations
) -> tuple[Assignment, ...]:
    """Return the approved assignments, each once, in the order of their names.

    Raises: ExportImpossible with a line for each unusable name.
    """
    selected: dict[str, Assignment] = {}
    problems: list[str] = []
    for name in names:
        try:
            matches = _find(name, assignments, generations)
            selected |= {match.assignment: match for match in matches}
        except ExportImpossible as problem:
            problems.append(str(problem))
    if problems:
        raise ExportImpossible("\n".join(problems))
    return tuple(selected.values())


def _find(name: str, assignments: Assignments, generations: Generations) -> tuple[Assignment, ...]:
    course, slash, module = name.partition("/")
    if slash and re.match(IDENTIFIER, course) and re.match(IDENTIFIER, module):
        if published := assignments.of_module(course, module):
            return published
        raise ExportImpossible(f"{name}: no assignment of this module has been approved.")
    if assignment := assignments.find(name):
        return (assignment,)
    try:
        generation = generations.get(name)
    except DraftMissing as error:
        raise ExportImpossible(
            f"{name!r} is neither an approved assignment nor a generation."
        ) from error
    request = generation.request
    of_module = assignments.of_module(request.course.id, request.module.id)
    if published := tuple(item for item in of_module if item.generation == name):
        return published
    raise ExportImpossible(
        f"{name}: no assignment has been approved; the generation is {generation.status}."
    )
