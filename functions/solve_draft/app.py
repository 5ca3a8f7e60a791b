"""Solver agent: a model solves another model's draft from its text and starter alone."""

from typing import Any

from coursewright import wiring
from coursewright.domain.draft_task import DraftTask
from coursewright.observability import logged
from coursewright.steps.solve_draft import solve_draft


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Solve draft` state."""
    deps, invocation = wiring.agent_deps(), wiring.invocation(context)
    return solve_draft(DraftTask.model_validate(event), deps=deps, invocation=invocation)
