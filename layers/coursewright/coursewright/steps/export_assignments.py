"""Exports approved assignments as a file that a teacher can download."""

import re
from collections.abc import Iterable

from coursewright.domain.assignment import Assignment
from coursewright.domain.base import fingerprint, identity_content
from coursewright.domain.errors import DraftMissing, ExportImpossible
from coursewright.domain.export import Export, ExportTask
from coursewright.domain.export_problem import ExportProblem, ExportProblemCode
from coursewright.domain.lesson import IDENTIFIER
from coursewright.exports.archive import download
from coursewright.exports.export import export
from coursewright.ports.assignments import Assignments, Exports
from coursewright.ports.generations import Clock, Generations
from coursewright.ports.reviews import Audit


def export_assignments(
    task: ExportTask,
    *,
    assignments: Assignments,
    generations: Generations,
    exports: Exports,
    audit: Audit,
    clock: Clock,
) -> Export:
    """Export approved assignments to a file, or record why that is impossible; idempotent."""
    try:
        selected = approved(task.names, assignments=assignments, generations=generations)
        _audit(task, selected, generations=generations, audit=audit, clock=clock)
        content = fingerprint([identity_content(each) for each in selected])
        previous = exports.find(task.export)
        if previous and previous.content_sha256 == content and previous.answers(clock.now()):
            return previous
        file = download(export(selected, task.format), task.format)
    except ExportImpossible as error:
        result = Export(
            format=task.format, finished_at=clock.now(), problems=error.problems, author=task.author
        )
    else:
        result = Export(
            format=task.format,
            finished_at=clock.now(),
            assignments=len(selected),
            content_sha256=content,
            file=file.name,
            author=task.author,
        )
        exports.save_file(task.export, result, file.content, file.media_type)
    exports.save(task.export, result)
    return result


def _audit(
    task: ExportTask,
    selected: Iterable[Assignment],
    *,
    generations: Generations,
    audit: Audit,
    clock: Clock,
) -> None:
    if task.author is None:
        return
    for name in sorted({assignment.generation for assignment in selected}):
        author = task.author.pseudonym(generations.get(name).request.author_salt)
        audit.add(name, "exported", {"author": author, "format": task.format}, now=clock.now())


def approved(
    names: Iterable[str], *, assignments: Assignments, generations: Generations
) -> tuple[Assignment, ...]:
    """Return the named approved assignments without duplicates, in the order of the names.

    Raises: ExportImpossible with a problem for each unusable name.
    """
    selected: dict[str, Assignment] = {}
    problems: list[ExportProblem] = []
    for name in names:
        try:
            matches = _find(name, assignments, generations)
            selected |= {match.assignment: match for match in matches}
        except ExportImpossible as error:
            problems += error.problems
    if problems:
        raise ExportImpossible(*problems)
    return tuple(selected.values())


def _find(name: str, assignments: Assignments, generations: Generations) -> tuple[Assignment, ...]:
    course, slash, module = name.partition("/")
    if slash and re.fullmatch(IDENTIFIER, course) and re.fullmatch(IDENTIFIER, module):
        if published := assignments.of_module(course, module):
            return published
        raise ExportImpossible.because(ExportProblemCode.MODULE_NOT_APPROVED, name=name)
    if assignment := assignments.find(name):
        return (assignment,)
    try:
        generation = generations.get(name)
    except DraftMissing as error:
        raise ExportImpossible.because(ExportProblemCode.UNKNOWN_NAME, name=name) from error
    request = generation.request
    of_module = assignments.of_module(request.course.id, request.module.id)
    if published := tuple(item for item in of_module if item.generation == name):
        return published
    raise ExportImpossible.because(ExportProblemCode.GENERATION_NOT_APPROVED, name=name)
