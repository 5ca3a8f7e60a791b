"""Exports the approved assignments of a generation for a course author."""

from dataclasses import dataclass

from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export import Exported, Format
from coursewright.ports.assignments import Exporter


@dataclass(frozen=True)
class RequestExportDeps:
    """Dependencies of requests for an export."""

    exporter: Exporter


def request_export(generation: str, export_format: str, *, deps: RequestExportDeps) -> Exported:
    """Return the finished export. Raises: ExportImpossible."""
    if export_format not in set(Format):
        raise ExportImpossible(
            f"There is no format {export_format!r}; choose one of {', '.join(Format)}."
        )
    return deps.exporter.export(generation, Format(export_format))
