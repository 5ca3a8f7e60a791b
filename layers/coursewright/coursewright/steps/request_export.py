"""Starts the export of a generation's approved assignments for a course author."""

from coursewright.domain.author import Author
from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export import ExportTask, Format
from coursewright.domain.export_problem import ExportProblemCode
from coursewright.ports.assignments import StartExport


def request_export(
    generation: str, export_format: str, *, author: Author, start_export: StartExport
) -> Format:
    """Start an export and return its format. Raises: ExportImpossible."""
    if export_format not in set(Format):
        raise ExportImpossible.because(
            ExportProblemCode.UNKNOWN_FORMAT, format=export_format, formats=", ".join(Format)
        )
    task = ExportTask(names=(generation,), format=Format(export_format), author=author)
    start_export(task)
    return task.format
