"""Solution agent: a model writes the solution to a draft."""

from typing import Any

from coursewright import wiring
from coursewright.agents.part_task import PartTask
from coursewright.observability import logged
from coursewright.steps.write_solution import write_solution


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Write solution` state."""
    deps, invocation = wiring.agent_deps(), wiring.invocation(context)
    return write_solution(PartTask.model_validate(event), deps=deps, invocation=invocation)
