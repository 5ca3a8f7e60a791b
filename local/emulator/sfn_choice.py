"""Defects in ministack 1.5.33: Choice and Succeed states ignore their `Output`.

On AWS a Choice state's own Output and Assign apply if no rule matches and Default is taken, and a
JSONata Succeed state returns its Output.
"""

from functools import cache
from typing import Any

from ministack.services import stepfunctions

from local.emulator.patch_point import patch_point
from local.emulator.sfn_scopes import Scope


def succeed(state: dict[str, Any], data: Any, scope: Scope) -> Any:
    """Return a Succeed state's output."""
    return stepfunctions._apply_jsonata_output(state, data, scope, default=data)


@cache
def apply() -> None:
    """Make Choice states apply their own Output on the Default path."""
    matches = patch_point(stepfunctions, "_evaluate_jsonata_choice_rule")
    execute_choice = patch_point(stepfunctions, "_execute_choice")

    def execute_with_output(
        state: dict[str, Any], data: Any, scope: Scope | None = None
    ) -> tuple[Any, str]:
        if any(matches(rule, data, scope) for rule in state["Choices"]):
            chosen: tuple[Any, str] = execute_choice(state, data, scope)
            return chosen
        output = stepfunctions._apply_jsonata_output(state, data, scope, default=data)
        return output, execute_choice(state, data, scope)[1]

    stepfunctions._execute_choice = execute_with_output
