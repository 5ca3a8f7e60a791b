"""Defects of ministack 1.5.33 in waiting for a task token.

A failing function leaves the state waiting for ever, heartbeats are never missed, a stopped
execution goes on waiting, and a token that was used, timed out or stopped is unknown instead of
`TaskTimedOut`. On AWS the failure fails the task at once, a token ends with its task, and an
output that is not JSON is refused.
"""

import json
import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from ministack.core.responses import error_response_json
from ministack.services import stepfunctions

from local.emulator.patch_point import patch_point, patch_points
from local.emulator.sfn_scopes import Scope

if TYPE_CHECKING:
    from local.emulator.sfn_tasks import Deadlines

POLL_SECONDS = 0.5  # hundreds may wait for their reviewers at once
MIN_POLL_SECONDS = 0.001

_scopes_by_token: dict[str, Scope] = {}


def call_and_wait(resource: str, arguments: Any, scope: Scope, limits: "Deadlines") -> Any:
    """Call a service that was given the task token, and return what the callback brings."""
    token = scope["Task"]["Token"]
    task: dict[str, Any] = {
        "event": threading.Event(),
        "result": None,
        "error": None,
        "heartbeat": None,
        "heartbeat_at": time.monotonic(),
    }
    stepfunctions._task_tokens[token] = task
    _scopes_by_token[token] = scope
    ends_at = time.monotonic() + limits.timeout_seconds
    try:
        _call(resource.removesuffix(".waitForTaskToken"), arguments, task, limits)
        while not task["event"].wait(_check_deadlines(task, ends_at, limits)):
            scope.stop.check()
    finally:
        stepfunctions._task_tokens.pop(token, None)
    return _outcome(task)


def _call(resource: str, arguments: Any, task: dict[str, Any], limits: "Deadlines") -> None:
    """Call the service; its failure fails the task unless the callback was faster."""
    try:
        stepfunctions._invoke_resource_with_timeout(
            resource, arguments, min(limits.timeout_seconds, 1e6)
        )
    except stepfunctions._ExecutionError:
        if not task["event"].is_set():
            raise


def _check_deadlines(task: dict[str, Any], ends_at: float, limits: "Deadlines") -> float:
    """Return how long to wait before the next look."""
    now = time.monotonic()
    if now >= ends_at:
        raise stepfunctions._ExecutionError("States.Timeout", "Task timed out")
    until = min(ends_at, now + POLL_SECONDS)
    if limits.heartbeat_seconds is not None:
        silent_until = task["heartbeat_at"] + limits.heartbeat_seconds
        if now > silent_until:
            raise stepfunctions._ExecutionError("States.HeartbeatTimeout", "No heartbeat")
        until = min(until, silent_until)
    return float(max(until - now, MIN_POLL_SECONDS))


def _outcome(task: dict[str, Any]) -> Any:
    if task["error"]:
        error = task["error"]
        raise stepfunctions._ExecutionError(
            error.get("Error", "TaskFailed"), error.get("Cause", "")
        )
    return json.loads(task["result"])


def is_gone(token: str) -> bool:
    """Return whether a token existed and its task has ended."""
    if token not in _scopes_by_token:
        return False
    task = stepfunctions._task_tokens.get(token)
    return task is None or task["event"].is_set() or _scopes_by_token[token].stop.is_set()


def machine_of(token: str) -> str | None:
    """Return the ARN of the state machine that waits, or waited, with a token."""
    scope = _scopes_by_token.get(token)
    machine: str | None = scope["StateMachine"]["Id"] if scope else None
    return machine


def is_json(text: str) -> bool:
    """Return whether an output can be handed on."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def forget_tokens() -> None:
    """Forget all tokens, when the cloud is reset."""
    _scopes_by_token.clear()


@cache
def apply() -> None:
    """Answer callbacks for tokens that are gone as AWS does, and note heartbeats."""
    patch_points(stepfunctions, "_task_tokens", "_invoke_resource_with_timeout")
    for name in ("_send_task_success", "_send_task_failure", "_send_task_heartbeat"):
        answer = patch_point(stepfunctions, name)

        def answer_unless_gone(data: dict[str, Any], _answer: Any = answer) -> Any:
            token = data.get("taskToken", "")
            if not is_json(data.get("output", "null")):
                return error_response_json("InvalidOutput", "The output is not JSON.", 400)
            if is_gone(token):
                message = "Task Timed Out: 'Provided task does not exist anymore'"
                return error_response_json("TaskTimedOut", message, 400)
            if token in stepfunctions._task_tokens:
                stepfunctions._task_tokens[token]["heartbeat_at"] = time.monotonic()
            return _answer(data)

        setattr(stepfunctions, name, answer_unless_gone)
