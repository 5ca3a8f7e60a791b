"""Starts the export of a generation's approved assignments for a course author."""

from coursewright.domain.author import Author
from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export import ExportTask, Format
from coursewright.domain.export_problem import ExportProblemCode
from coursewright.ports.assignments import StartExport

MAX_SHOWN_CHARS = 40


def request_export(
    generation: str, export_format: str, *, author: Author, start_export: StartExport
) -> Format:
    """Start an export and return its format. Raises: ExportImpossible."""
    if export_format not in set(Format):
        asked, known = export_format[:MAX_SHOWN_CHARS], ", ".join(Format)
        raise ExportImpossible.because(
            ExportProblemCode.UNKNOWN_FORMAT, format=asked, formats=known
        )
    task = ExportTask(names=(generation,), format=Format(export_format), author=author)
    start_export(task)
    return task.format
