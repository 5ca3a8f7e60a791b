"""Tests agent: a model writes the tests of a draft."""

from typing import Any

from coursewright import wiring
from coursewright.agents.part_task import PartTask
from coursewright.observability import logged
from coursewright.steps.write_tests import write_tests


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Write tests` state."""
    deps, invocation = wiring.agent_deps(), wiring.invocation(context)
    return write_tests(PartTask.model_validate(event), deps=deps, invocation=invocation)
