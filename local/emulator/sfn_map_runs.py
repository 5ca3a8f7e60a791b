"""Defects in ministack 1.5.33 in Distributed Map: no expressions, ResultWriter or redrive.

On AWS the ItemReader, the ItemSelector and the limits can be expressions. No more executions are
started once more have failed than are tolerated. The ResultWriter stores a manifest and one file
per outcome in S3, even if the Map Run has failed. A redrive runs the items that failed, were
aborted or never started, and keeps the successful ones.
"""

import contextvars
import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ministack.core.responses import now_iso
from ministack.services import s3, stepfunctions

from local.emulator.patch_point import patch_points
from local.emulator.sfn_executions import run_to_end
from local.emulator.sfn_map_results import write_results
from local.emulator.sfn_scopes import Scope
from local.emulator.sfn_tasks import arguments, number, output

DEFAULT_CONCURRENCY = 40  # if MaxConcurrency is unset; AWS starts up to 10,000
POLL_SECONDS = 0.1
OUTCOMES = {
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "timedOut",
    "ABORTED": "aborted",
}
COUNTED = (
    *("pending", "running", "succeeded", "failed", "timedOut", "aborted", "total"),
    *("resultsWritten", "failuresNotRedrivable", "pendingRedrive"),
)


@dataclass
class MapRun:
    """The executions that a Distributed Map has started, by item index."""

    arn: str
    machine: dict[str, Any]
    inputs: list[Any]
    record: dict[str, Any]
    tolerated_percentage: float
    children: dict[int, dict[str, Any]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_failed(self) -> bool:
        """Whether more executions have failed than are tolerated."""
        failed = sum(
            child["status"] in ("FAILED", "TIMED_OUT") for child in list(self.children.values())
        )
        return failed * 100 > self.tolerated_percentage * len(self.inputs)

    def open_indices(self) -> list[int]:
        """Return the indices without a successful execution and reset the failures."""
        done = set()
        for index, child in self.children.items():
            if child["status"] == "SUCCEEDED":
                done.add(index)
            else:
                child["status"] = "ABORTED"
        return [index for index in range(len(self.inputs)) if index not in done]

    def run_child(self, index: int) -> None:
        """Run an item's execution from its start or, after a redrive, from where it stopped."""
        child = self.children.get(index)
        if child is None:
            child = self._new_child(index)
        else:
            child.update(status="RUNNING", stopDate=None, error=None, cause=None)
            child["redriveCount"] = child.get("redriveCount", 0) + 1
        self.count()
        run_to_end(child, self.machine)
        self.count()

    def _new_child(self, index: int) -> dict[str, Any]:
        name = str(uuid.uuid4())
        own_prefix = self.arn.replace(":mapRun:", ":execution:").rpartition(":")[0]
        started_at, item = now_iso(), json.dumps(self.inputs[index])
        started = {"input": item, "roleArn": self.machine.get("roleArn")}
        child = {
            "executionArn": f"{own_prefix}:{name}",
            "stateMachineArn": self.record["_stateMachineArn"],
            **{"name": name, "status": "RUNNING", "startDate": started_at, "stopDate": None},
            **{"input": item, "output": None, "mapRunArn": self.arn},
            "events": [
                {
                    **{"id": 1, "type": "ExecutionStarted", "timestamp": started_at},
                    "executionStartedEventDetails": started,
                }
            ],
        }
        stepfunctions._executions[child["executionArn"]] = child
        self.children[index] = child
        return child

    def abort(self) -> None:
        """Abort all running executions."""
        for child in list(self.children.values()):
            if child["status"] == "RUNNING":
                child.update(status="ABORTED", stopDate=now_iso())
        self.count()

    def count(self) -> None:
        """Update the Map Run's counts."""
        with self.lock:
            counts = dict.fromkeys(COUNTED, 0) | {"total": len(self.inputs)}
            for child in list(self.children.values()):
                counts[OUTCOMES[child["status"]]] += 1
            counts["pending"] = len(self.inputs) - len(self.children)
            self.record["executionCounts"] = self.record["itemCounts"] = counts


def run_distributed_map(
    state: dict[str, Any], data: Any, execution: dict[str, Any], scope: Scope
) -> Any:
    """Run a Distributed Map's executions once and return the state's output."""
    run = _current_run(state, data, execution, scope)
    _run_children(run, scope)
    is_failed = run.is_failed
    run.record.update(status="FAILED" if is_failed else "SUCCEEDED", stopDate=now_iso())
    result = _result(state, data, scope, run)
    if is_failed:
        error = "States.ExceedToleratedFailureThreshold"
        cause = "The specified tolerated failure threshold was exceeded"
        _record(execution, "MapRunFailed", error=error, cause=cause)
        raise stepfunctions._ExecutionError(error, cause)
    stepfunctions._add_event(execution, "MapRunSucceeded")
    return output(state, data, scope, result)


def _current_run(
    state: dict[str, Any], data: Any, execution: dict[str, Any], scope: Scope
) -> MapRun:
    """Return the Map Run for this visit: a new one or, after a redrive, the stopped one."""
    runs: dict[str, MapRun] = execution.setdefault("_map_runs", {})
    key = f"{scope.path}/{scope.visits}.{scope['State']['RetryCount']}"
    if key not in runs:
        runs[key] = _new_run(state, data, execution, scope)
        _record(execution, "MapRunStarted", mapRunArn=runs[key].arn)
        return runs[key]
    run = runs[key]
    count = run.record["redriveCount"] + 1
    run.record.update(status="RUNNING", stopDate=None, redriveCount=count)
    _record(execution, "MapRunRedriven", mapRunArn=run.arn, redriveCount=count)
    return run


def _run_children(run: MapRun, scope: Scope) -> None:
    pending = iter(run.open_indices())
    width = int(run.record["maxConcurrency"]) or DEFAULT_CONCURRENCY
    lock = threading.Lock()

    def work() -> None:
        while not (scope.stop.is_set() or run.is_failed):
            with lock:
                index = next(pending, None)
            if index is None:
                return
            run.run_child(index)

    with ThreadPoolExecutor(max_workers=min(width, len(run.inputs)) or 1) as pool:
        workers = {
            pool.submit(contextvars.copy_context().run, work)
            for _ in range(min(width, len(run.inputs)))
        }
        while workers:
            workers = wait(workers, timeout=POLL_SECONDS).not_done
            if scope.stop.is_set() or run.is_failed:
                run.abort()
    scope.stop.check()


def _new_run(state: dict[str, Any], data: Any, execution: dict[str, Any], scope: Scope) -> MapRun:
    machine = stepfunctions._state_machines[execution["stateMachineArn"]]
    label = state.get("Label") or str(uuid.uuid4())
    inner = {"QueryLanguage": scope["QueryLanguage"], **state["ItemProcessor"]}
    own_machine = f"{execution['stateMachineArn']}/{label}"
    arn = f"{own_machine.replace(':stateMachine:', ':mapRun:')}:{uuid.uuid4()}"
    tolerated = number(state, "ToleratedFailurePercentage", data, scope) or 0
    record = {
        **{"mapRunArn": arn, "executionArn": execution["executionArn"], "status": "RUNNING"},
        **{"startDate": now_iso(), "redriveCount": 0, "_stateMachineArn": own_machine},
        "maxConcurrency": int(number(state, "MaxConcurrency", data, scope) or 0),
        **{"toleratedFailurePercentage": tolerated, "toleratedFailureCount": 0},
    }
    about = {"name": f"{machine['name']}/{label}", "roleArn": machine.get("roleArn")}
    inputs = _inputs(state, data, scope)
    run = MapRun(arn, about | {"definition": json.dumps(inner)}, inputs, record, tolerated)
    run.count()
    stepfunctions._map_runs[arn] = record
    return run


def _inputs(state: dict[str, Any], data: Any, scope: Scope) -> list[Any]:
    selector, inputs = state.get("ItemSelector"), []
    for index, value in enumerate(_items(state, data, scope)):
        inner = scope.child(scope.path, scope.stop, Map={"Item": {"Index": index, "Value": value}})
        selected = selector is not None
        inputs.append(
            stepfunctions._apply_jsonata_template(selector, data, inner) if selected else value
        )
    return inputs


def _items(state: dict[str, Any], data: Any, scope: Scope) -> list[Any]:
    reader = state["ItemReader"]
    place = arguments({**reader, "Type": "Task"}, data, scope)
    kind = (reader.get("ReaderConfig") or {}).get("InputType")
    if not reader["Resource"].endswith(":s3:getObject") or kind != "JSON":
        message = (
            "The laptop cloud reads the items of a Distributed Map only from a JSON array in S3."
        )
        raise stepfunctions._ExecutionError("States.Runtime", message)
    return _json_array(place["Bucket"], place["Key"])


def _json_array(bucket: str, key: str) -> list[Any]:
    status, _, body = s3._get_object(bucket, key, {}, {})
    if status != 200:
        cause = f"The specified object cannot be read. (Bucket: {bucket}, Key: {key})"
        raise stepfunctions._ExecutionError("States.ItemReaderFailed", cause)
    try:
        items = json.loads(body)
    except ValueError as error:
        cause = f"Attempting to parse the JSON input failed: {error}"
        raise stepfunctions._ExecutionError("States.ItemReaderFailed", cause) from error
    if not isinstance(items, list):
        cause = f"The input is a JSON object, not an array. (Key: {key})"
        raise stepfunctions._ExecutionError("States.ItemReaderFailed", cause)
    return items


def _result(state: dict[str, Any], data: Any, scope: Scope, run: MapRun) -> Any:
    place = arguments({**state["ResultWriter"], "Type": "Task"}, data, scope)
    key = write_results(run.arn, list(run.children.items()), run.inputs, place)
    counts = run.record["itemCounts"]
    counts["resultsWritten"] = len(run.children)
    details = {"Bucket": place["Bucket"], "Key": key}
    return {"MapRunArn": run.arn, "ResultWriterDetails": details}


def _record(execution: dict[str, Any], kind: str, **details: Any) -> None:
    name = f"{kind[0].lower()}{kind[1:]}EventDetails"
    stepfunctions._add_event(execution, kind, {name: details})


@cache
def apply() -> None:
    """Check the patch points; `sfn_branches` calls this module for Distributed Maps."""
    patch_points(stepfunctions, "_map_runs", "_executions", "_apply_jsonata_template")
    patch_points(s3, "_get_object", "_put_object")
