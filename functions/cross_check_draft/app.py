"""Compares another model's solution with a draft's tests and solution."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.cross_check_draft import CrossCheckTask, cross_check_draft


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Cross check draft` state."""
    check = cross_check_draft(
        CrossCheckTask.model_validate(event),
        drafts=wiring.drafts(),
        sandbox=wiring.sandbox(),
        verifications=wiring.verifications(),
    )
    return {"draft": check.draft, "solver": check.solver, "agrees": check.agrees}
