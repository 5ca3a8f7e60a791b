"""Conditions agent: a model writes all of a round's assignments in one call."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.write_conditions import ConditionsTask, write_conditions


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Write conditions` state."""
    deps, invocation = wiring.agent_deps(), wiring.invocation(context)
    return write_conditions(ConditionsTask.model_validate(event), deps=deps, invocation=invocation)
