"""Defect of ministack 1.5.33: the same execution started twice is an error.

AWS answers a second StartExecution of the same name and input with the running execution; only
another input, or an execution that has ended, makes it `ExecutionAlreadyExists`.
"""

from functools import cache
from typing import Any

from ministack.core.responses import json_response
from ministack.services import stepfunctions

from local.emulator.patch_point import patch_point


def running_execution(data: dict[str, Any]) -> dict[str, Any] | None:
    """Return the running execution that a request asks for once more."""
    machine = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", ""))
    if machine is None or not data.get("name"):
        return None
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:{data['name']}"
    execution: dict[str, Any] | None = stepfunctions._executions.get(arn)
    same = execution is not None and execution["input"] == data.get("input", "{}")
    return execution if same and execution and execution["status"] == "RUNNING" else None


@cache
def apply() -> None:
    """Make StartExecution idempotent."""
    patch_point(stepfunctions, "_resolve_state_machine_arn")
    start_execution = patch_point(stepfunctions, "_start_execution")

    def start_execution_once(data: dict[str, Any]) -> Any:
        running = running_execution(data)
        if running is None:
            return start_execution(data)
        answer = {"executionArn": running["executionArn"], "startDate": running["startDate"]}
        return json_response(answer)

    stepfunctions._start_execution = start_execution_once
