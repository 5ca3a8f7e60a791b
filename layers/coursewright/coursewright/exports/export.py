"""Exports assignments in a format, or explains why individual assignments cannot be exported."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from coursewright.domain.assignment import Assignment
from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export import Format
from coursewright.domain.export_problem import ExportProblem, ExportProblemCode
from coursewright.exports import exercism, jsonl, moodle, nbgrader
from coursewright.exports.files import ExportedFile, ExportItem, FormatWriter
from coursewright.exports.names import export_items, is_valid_file_name

WRITERS: dict[Format, Callable[[], FormatWriter]] = {
    Format.MOODLE: moodle.writer,
    Format.EXERCISM: exercism.writer,
    Format.JSONL: jsonl.writer,
    Format.NBGRADER: nbgrader.writer,
}

Progress = Callable[[Sequence[ExportItem]], Iterable[ExportItem]]


def export(
    assignments: Sequence[Assignment], form: Format, *, progress: Progress = iter
) -> Iterator[ExportedFile]:
    """Yield the files of an export; they are valid only if the iteration completes.

    Raises: ExportImpossible, after the last assignment, with a problem for each failed one.
    """
    if not assignments:
        raise ExportImpossible.because(ExportProblemCode.NOTHING_TO_EXPORT)
    writer = WRITERS[form]()
    problems: list[ExportProblem] = []
    yield from writer.head
    for item in progress(export_items(assignments)):
        try:
            _require_exportable(item.assignment)
            yield from writer.files(item)
        except ExportImpossible as error:
            named = {"title": item.title, "format": form}
            problems += (problem.model_copy(update=named) for problem in error.problems)
        except UnicodeEncodeError:
            code = ExportProblemCode.LONE_SURROGATE
            problems.append(ExportProblem(code=code, title=item.title, format=form))
    if problems:
        raise ExportImpossible(*problems)
    yield from writer.tail


def _require_exportable(assignment: Assignment) -> None:
    if not assignment.approved_at:
        raise ExportImpossible.because(ExportProblemCode.NOT_APPROVED)
    if not is_valid_file_name(assignment.file_name):
        raise ExportImpossible.because(
            ExportProblemCode.FILE_NAME_INVALID, file_name=assignment.file_name
        )
