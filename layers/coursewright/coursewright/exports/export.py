"""Exports assignments in a format, or explains why individual assignments cannot be exported."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from coursewright.domain.assignment import Assignment
from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export import Format
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

    Raises: ExportImpossible, after the last assignment, with a sentence for each failed one.
    """
    if not assignments:
        raise ExportImpossible("There is nothing to export.")
    writer = WRITERS[form]()
    problems: list[str] = []
    yield from writer.head
    for item in progress(export_items(assignments)):
        try:
            _require_exportable(item.assignment)
            yield from writer.files(item)
        except ExportImpossible as problem:
            problems.append(f"“{item.title}” cannot be exported as {form}: {problem}.")
        except UnicodeEncodeError:
            problems.append(f"“{item.title}” cannot be exported: it contains a lone surrogate.")
    if problems:
        raise ExportImpossible("\n".join(problems))
    yield from writer.tail


def _require_exportable(assignment: Assignment) -> None:
    if not assignment.approved_at:
        raise ExportImpossible("it has not been approved yet")
    if not is_valid_file_name(assignment.file_name):
        raise ExportImpossible(
            f"the file name {assignment.file_name!r} is not valid on every system"
        )
