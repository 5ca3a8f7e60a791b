"""Exports approved assignments in another program's format."""

from typing import Any

from coursewright import wiring
from coursewright.domain.export import ExportTask
from coursewright.observability import logged
from coursewright.steps.export_assignments import export_assignments


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Store and return the result of the export."""
    result = export_assignments(
        ExportTask.model_validate(event),
        assignments=wiring.assignments(),
        generations=wiring.generations(),
        exports=wiring.exports(),
        audit=wiring.audit(),
        clock=wiring.clock(),
    )
    return result.model_dump(mode="json")
