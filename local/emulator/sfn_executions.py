"""Defects in ministack 1.5.33: executions have no redrive and no timeout.

AWS ends an execution as TIMED_OUT after the machine's `TimeoutSeconds`. A redrive continues with
the definition that the execution started with, at the states that failed or were aborted.
"""

import contextvars
import json
import threading
from functools import cache
from typing import Any

from ministack.core.responses import error_response_json, json_response, now_iso
from ministack.services import stepfunctions

from local.emulator.patch_point import patch_point, patch_points
from local.emulator.sfn_scopes import Aborted, ExecutionStop, Scope
from local.emulator.sfn_size_limits import within_limit
from local.emulator.sfn_states import run_states, scope_positions

REDRIVABLE = ("FAILED", "TIMED_OUT", "ABORTED")


def root_scope(execution: dict[str, Any], machine: dict[str, Any], definition: Any) -> Scope:
    """Return an execution's outermost scope."""
    about = {
        "Id": execution["executionArn"],
        "Input": json.loads(execution["input"]),
        "Name": execution["name"],
        "RoleArn": machine.get("roleArn"),
        "StartTime": execution["startDate"],
        "RedriveCount": execution.get("redriveCount", 0),
    }
    if "redriveDate" in execution:
        about["RedriveTime"] = execution["redriveDate"]
    scope = Scope(
        QueryLanguage="JSONata",
        Execution=about,
        StateMachine={"Id": execution["stateMachineArn"], "Name": machine["name"]},
        variables={},
    )
    scope.stop = ExecutionStop(execution, execution["_run"])
    return scope


def run_execution(arn: str) -> None:
    """Run an execution from its start or, after a redrive, from where it stopped."""
    execution = stepfunctions._executions.get(arn)
    machine = execution and stepfunctions._state_machines.get(execution["stateMachineArn"])
    if execution and machine:
        run_to_end(execution, machine)


def run_to_end(execution: dict[str, Any], machine: dict[str, Any]) -> None:
    """Run a state machine's execution until it ends."""
    definition = json.loads(execution.setdefault("definition", machine["definition"]))
    execution["_run"] = execution.get("_run", 0) + 1
    scope = root_scope(execution, machine, definition)
    timer = expire_after(definition.get("TimeoutSeconds"), execution, scope)
    try:
        _require_jsonata(definition)
        data = json.loads(execution["input"])
        output = run_states(definition["States"], definition["StartAt"], data, execution, scope)
        finish(execution, scope, "SUCCEEDED", output=json.dumps(within_limit(output, "output")))
    except Aborted:
        return
    except stepfunctions._ExecutionError as error:
        finish(execution, scope, "FAILED", error=error.error, cause=error.cause)
    except Exception as error:  # noqa: BLE001 - a broken definition fails the execution, not a thread
        finish(execution, scope, "FAILED", error="States.Runtime", cause=repr(error))
    finally:
        timer.cancel()


def _require_jsonata(definition: dict[str, Any]) -> None:
    if definition.get("QueryLanguage") != "JSONata":
        message = "The laptop cloud runs state machines in JSONata only."
        raise stepfunctions._ExecutionError("States.Runtime", message)


def finish(execution: dict[str, Any], scope: Scope, status: str, **details: Any) -> None:
    """Set an execution's final status unless it already has one."""
    if scope.stop.is_set():
        return
    execution.update(status=status, stopDate=now_iso(), **details)
    camel_case = "".join(word.capitalize() for word in status.split("_"))
    name = f"execution{camel_case}EventDetails"
    stepfunctions._add_event(execution, f"Execution{camel_case}", {name: details})
    stepfunctions._emit_execution_status_event(execution)


def expire_after(seconds: float | None, execution: dict[str, Any], scope: Scope) -> threading.Timer:
    """Return a timer for a machine's timeout, started only if the machine has one."""
    context = contextvars.copy_context()
    expire = (finish, execution, scope, "TIMED_OUT")
    timer = threading.Timer(
        min(seconds or 0, threading.TIMEOUT_MAX),
        context.run,
        expire,
        {"error": "States.Timeout", "cause": "The execution timed out."},
    )
    timer.daemon = True
    if seconds:
        timer.start()
    return timer


def redrive(data: dict[str, Any]) -> Any:
    """Handle RedriveExecution and continue the execution in the background."""
    execution = stepfunctions._executions.get(data.get("executionArn"))
    if not execution:
        return error_response_json("ExecutionDoesNotExist", "Execution Does Not Exist", 400)
    if execution["status"] not in REDRIVABLE or not scope_positions(execution):
        message = f"Execution is {execution['status']} and cannot be redriven"
        return error_response_json("ExecutionNotRedrivable", message, 400)
    count = execution.get("redriveCount", 0) + 1
    execution.update(status="RUNNING", stopDate=None, redriveCount=count, redriveDate=now_iso())
    execution.pop("error", None)
    execution.pop("cause", None)
    details = {"executionRedrivenEventDetails": {"redriveCount": count}}
    stepfunctions._add_event(execution, "ExecutionRedriven", details)
    stepfunctions._emit_execution_status_event(execution)
    context = contextvars.copy_context()
    run = (run_execution, execution["executionArn"])
    threading.Thread(target=context.run, args=run, daemon=True).start()
    return json_response({"redriveDate": execution["redriveDate"]})


def described(execution: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    """Return a description with redrive fields, and with output only on success."""
    status = execution["status"]
    result = {**description, "redriveCount": execution.get("redriveCount", 0)}
    result["redriveStatus"] = "REDRIVABLE" if status in REDRIVABLE else "NOT_REDRIVABLE"
    if "redriveDate" in execution:
        result["redriveDate"] = execution["redriveDate"]
    if status != "SUCCEEDED":
        result.pop("output", None)
    return result


def abort_all() -> None:
    """Abort all running executions, so that no thread outlives the cloud."""
    for execution in list(stepfunctions._executions._data.values()):
        if execution["status"] == "RUNNING":
            execution["status"] = "ABORTED"


@cache
def apply() -> None:
    """Replace the execution of state machines and support RedriveExecution."""
    patch_points(stepfunctions, "_run_execution", "_executions", "_emit_execution_status_event")
    patch_point(stepfunctions._executions, "_data")
    describe_execution = patch_point(stepfunctions, "_describe_execution")
    handle_request = patch_point(stepfunctions, "handle_request")

    def describe(data: dict[str, Any]) -> Any:
        status, headers, body, *rest = describe_execution(data)
        if status == 200:
            execution = stepfunctions._executions[data["executionArn"]]
            body = json.dumps(described(execution, json.loads(body))).encode()
        return (status, headers, body, *rest)

    async def handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        if headers.get("x-amz-target", "").endswith(".RedriveExecution"):
            return stepfunctions._finalize_response(redrive(json.loads(body)))
        return await handle_request(method, path, headers, body, query)

    stepfunctions._run_execution = run_execution
    stepfunctions._describe_execution = describe
    stepfunctions.handle_request = handle
