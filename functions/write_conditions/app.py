"""Agent 1: a model writes all assignments of a round in one call."""

from typing import Any

from coursewright import wiring_agents
from coursewright.observability import logged
from coursewright.steps.write_conditions import ConditionsTask, write_conditions


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer the state `Write conditions`."""
    deps, invocation = wiring_agents.agent_deps(), wiring_agents.invocation(context)
    return write_conditions(ConditionsTask.model_validate(event), deps=deps, invocation=invocation)
