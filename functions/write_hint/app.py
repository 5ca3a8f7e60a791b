"""Hint agent: a model writes a short hint for a verified draft."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.write_hint import HintTask, write_hint


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Write hint` state."""
    deps, invocation = wiring.agent_deps(), wiring.invocation(context)
    return write_hint(HintTask.model_validate(event), deps=deps, invocation=invocation)
