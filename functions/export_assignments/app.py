"""Exports approved assignments in another program's format."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.export_assignments import ExportTask, export_assignments


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Return a link to the exported file."""
    exported = export_assignments(
        ExportTask.model_validate(event),
        assignments=wiring.assignments(),
        generations=wiring.generations(),
    )
    return exported.model_dump(mode="json")
