"""Defect in ministack 1.5.33: inputs and outputs of any size are accepted.

AWS rejects inputs above 256 KiB; larger outputs fail the execution with `States.DataLimitExceeded`.
"""

import json
from functools import cache
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import stepfunctions

from local.emulator.patch_point import patch_point

LIMIT_BYTES = 256 * 1024


def within_limit(output: Any, state_name: str) -> Any:
    """Return a state's output; raise if it exceeds AWS's size limit."""
    if len(json.dumps(output, ensure_ascii=False).encode()) > LIMIT_BYTES:
        raise stepfunctions._ExecutionError(
            "States.DataLimitExceeded",
            f"The state/task '{state_name}' returned a result with a size exceeding the maximum "
            "number of bytes service limit.",
        )
    return output


@cache
def apply() -> None:
    """Reject executions whose input is too large; `sfn_states` checks the outputs."""
    patch_point(stepfunctions, "_ExecutionError")
    start_execution = patch_point(stepfunctions, "_start_execution")

    def start_small_execution(data: dict[str, Any]) -> Any:
        if len((data.get("input") or "").encode()) > LIMIT_BYTES:
            message = f"Input exceeds the maximum length of {LIMIT_BYTES} bytes."
            return error_response_json("InvalidExecutionInput", message, 400)
        return start_execution(data)

    stepfunctions._start_execution = start_small_execution
