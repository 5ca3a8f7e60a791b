"""Defect in ministack 1.5.33: starting the same execution twice is an error.

AWS returns the running execution for a second StartExecution with the same name and input. It
raises `ExecutionAlreadyExists` only for a different input or an execution that has ended.
"""

from functools import cache
from typing import Any

from ministack.core.responses import json_response
from ministack.services import stepfunctions

from local.emulator.patch_point import patch_point


def running_execution(data: dict[str, Any]) -> dict[str, Any] | None:
    """Return the running execution that a request tries to start again, or None."""
    machine = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", ""))
    if machine is None or not data.get("name"):
        return None
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{data['name']}"
    execution: dict[str, Any] | None = stepfunctions._executions.get(arn)
    is_same = execution is not None and execution["input"] == data.get("input", "{}")
    return execution if is_same and execution and execution["status"] == "RUNNING" else None


@cache
def apply() -> None:
    """Make StartExecution idempotent."""
    patch_point(stepfunctions, "_resolve_state_machine_arn")
    start_execution = patch_point(stepfunctions, "_start_execution")

    def start_execution_once(data: dict[str, Any]) -> Any:
        running = running_execution(data)
        if running is None:
            return start_execution(data)
        response = {"executionArn": running["executionArn"], "startDate": running["startDate"]}
        return json_response(response)

    stepfunctions._start_execution = start_execution_once
