"""Defects in ministack 1.5.33 in Task states.

`TimeoutSeconds` cannot be an expression, all attempts share one task token, `MaxDelaySeconds` and
`JitterStrategy` are ignored, and a pause between attempts continues after the execution has been
stopped. AWS has none of these limitations.
"""

import json
import random
import uuid
from functools import cache
from typing import Any

from ministack.services import stepfunctions

from local.emulator.patch_point import patch_points
from local.emulator.sfn_callbacks import call_and_wait
from local.emulator.sfn_scopes import Scope
from local.emulator.sfn_size_limits import within_limit

MAX_TASK_SECONDS = 99_999_999.0


def number(state: dict[str, Any], name: str, data: Any, scope: Scope) -> float | None:
    """Return the value of a field given as a number or an expression."""
    if name not in state:
        return None
    return float(stepfunctions._jsonata_state_field(state, name, "number", data, scope))


def arguments(state: dict[str, Any], data: Any, scope: Scope) -> Any:
    """Return the arguments for the task's service call."""
    return stepfunctions._apply_jsonata_arguments(state, data, scope)


def output(state: dict[str, Any], data: Any, scope: Scope, result: Any) -> Any:
    """Compute a state's output from its result, assign its variables, and return the output."""
    value = stepfunctions._apply_jsonata_output(state, data, scope, result=result, default=result)
    stepfunctions._apply_state_assign(state, data, scope, result=result)
    return value


def attempt(state: dict[str, Any], data: Any, execution: dict[str, Any], scope: Scope) -> Any:
    """Call the task's service once and return the state's output."""
    resource = state["Resource"]
    scope["Task"] = {"Token": str(uuid.uuid4())}
    call_arguments = arguments(state, data, scope)
    timeout_seconds = number(state, "TimeoutSeconds", data, scope) or MAX_TASK_SECONDS
    about = {"resourceType": _resource_type(resource), "resource": resource}
    stepfunctions._add_event(execution, "TaskScheduled", {"taskScheduledEventDetails": about})
    if resource.endswith(".waitForTaskToken"):
        result = call_and_wait(resource, call_arguments, scope, timeout_seconds)
    else:
        result = stepfunctions._invoke_resource_with_timeout(
            resource, call_arguments, min(timeout_seconds, 1e6)
        )
    scope.stop.check()
    within_limit(result, scope.state_name)
    stepfunctions._add_event(
        execution,
        "TaskSucceeded",
        {"taskSucceededEventDetails": {**about, "output": json.dumps(result)}},
    )
    return output(state, data, scope, result)


def _resource_type(resource: str) -> str:
    """Return the service in a resource such as `arn:aws:states:::lambda:invoke`."""
    return "lambda" if ":lambda:" in resource else resource.rpartition(":::")[2].partition(":")[0]


def record_failure(execution: dict[str, Any], state: dict[str, Any], error: Any) -> None:
    """Record a failed attempt in the history with AWS's event type."""
    kind = "TaskTimedOut" if error.error == "States.Timeout" else "TaskFailed"
    details = {
        "resourceType": _resource_type(state["Resource"]),
        "resource": state["Resource"],
        "error": error.error,
        "cause": error.cause,
    }
    name = f"{kind[0].lower()}{kind[1:]}EventDetails"
    stepfunctions._add_event(execution, kind, {name: details})


def pause_seconds(retrier: dict[str, Any], retries: int) -> float:
    """Return the seconds to wait before the next attempt."""
    delay = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** retries
    delay = min(delay, retrier.get("MaxDelaySeconds", delay))
    if retrier.get("JitterStrategy") == "FULL":
        delay = random.uniform(0, delay)  # noqa: S311 - spreads load, guards no secret
    return float(delay * stepfunctions._SFN_WAIT_SCALE)


def catch(state: dict[str, Any], data: Any, scope: Scope, error: Any) -> tuple[Any, str]:
    """Return the output and next state of the error's catcher; raise if there is none."""
    catcher = stepfunctions._find_matching_catcher(state.get("Catch", []), error.error)
    if catcher is None:
        raise error
    error_output = {"Error": error.error, "Cause": error.cause}
    output = stepfunctions._apply_catcher(catcher, data, scope, "JSONata", error_output)
    return output, catcher["Next"]


def with_retries(
    state: dict[str, Any],
    data: Any,
    scope: Scope,
    try_once: Any,
    on_failure: Any = lambda error: None,
) -> tuple[Any, str | None]:
    """Retry until an attempt succeeds or no retrier applies, then look for a catcher."""
    own_state = dict(scope["State"])
    counts: dict[int, int] = {}
    while True:
        scope["State"] = {**own_state, "RetryCount": sum(counts.values())}
        try:
            return try_once(), stepfunctions._next_or_end(state)
        except stepfunctions._ExecutionError as error:
            on_failure(error)
            retrier, index = stepfunctions._find_matching_retrier(
                state.get("Retry", []), error.error, counts
            )
            if retrier is None:
                return catch(state, data, scope, error)
            scope.stop.sleep(pause_seconds(retrier, counts.get(index, 0)))
            counts[index] = counts.get(index, 0) + 1


def execute_task(
    state: dict[str, Any], data: Any, execution: dict[str, Any], scope: Scope
) -> tuple[Any, str | None]:
    """Run a Task state with its Retry and Catch."""
    try:
        return with_retries(
            state,
            data,
            scope,
            lambda: attempt(state, data, execution, scope),
            lambda error: record_failure(execution, state, error),
        )
    finally:
        scope.pop("Task", None)


@cache
def apply() -> None:
    """Replace the execution of Task states."""
    patch_points(
        stepfunctions,
        "_execute_task",
        "_invoke_resource_with_timeout",
        "_find_matching_retrier",
        "_find_matching_catcher",
        "_apply_catcher",
        "_jsonata_state_field",
        "_SFN_WAIT_SCALE",
    )
    stepfunctions._execute_task = execute_task
