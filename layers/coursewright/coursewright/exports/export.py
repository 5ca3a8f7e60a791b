"""Writes assignments in a format: all of them, or none and a sentence for each that cannot be."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from coursewright.domain.assignment import Assignment
from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export import Format
from coursewright.exports import exercism, jsonl, moodle, nbgrader
from coursewright.exports.files import ExportedFile, Named, Writer
from coursewright.exports.names import is_file_name, named

WRITERS: dict[Format, Callable[[], Writer]] = {
    Format.MOODLE: moodle.writer,
    Format.EXERCISM: exercism.writer,
    Format.JSONL: jsonl.writer,
    Format.NBGRADER: nbgrader.writer,
}

Progress = Callable[[Sequence[Named]], Iterable[Named]]


def export(
    assignments: Sequence[Assignment], form: Format, *, progress: Progress = iter
) -> Iterator[ExportedFile]:
    """Return the files of an export; what was given counts only if the end is reached.

    Raises: ExportImpossible, after the last assignment, with a sentence for each that is at fault.
    """
    if not assignments:
        raise ExportImpossible("There is nothing to export.")
    writer = WRITERS[form]()
    problems: list[str] = []
    yield from writer.head
    for each in progress(named(assignments)):
        try:
            _require_exportable(each.one)
            yield from writer.files(each)
        except ExportImpossible as problem:
            problems.append(f"“{each.title}” cannot be exported as {form}: {problem}.")
        except UnicodeEncodeError:
            problems.append(f"“{each.title}” cannot be exported: it holds half a character.")
    if problems:
        raise ExportImpossible("\n".join(problems))
    yield from writer.tail


def _require_exportable(one: Assignment) -> None:
    if not one.approved_at:
        raise ExportImpossible("nobody has approved it yet")
    if not is_file_name(one.file_name):
        raise ExportImpossible(f"no file system takes the file name {one.file_name!r}")
