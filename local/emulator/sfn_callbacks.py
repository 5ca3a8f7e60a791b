"""Defects in ministack 1.5.33 in waiting for a task token.

A failing function leaves the state waiting forever, a stopped execution keeps waiting, and a token
that was used, timed out or stopped is reported as unknown instead of `TaskTimedOut`. On AWS the
failure fails the task at once, a token expires with its task, and output that is not JSON is
rejected.
"""

import json
import threading
import time
from functools import cache
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import stepfunctions

from local.emulator.patch_point import patch_point, patch_points
from local.emulator.sfn_scopes import Scope

POLL_SECONDS = 0.5  # hundreds of executions can be waiting for reviewers at the same time

_scopes_by_token: dict[str, Scope] = {}


def call_and_wait(resource: str, arguments: Any, scope: Scope, timeout_seconds: float) -> Any:
    """Call a service with a task token and return the callback's result."""
    token = scope["Task"]["Token"]
    task: dict[str, Any] = {
        "event": threading.Event(),
        "result": None,
        "error": None,
        "heartbeat": None,
    }
    stepfunctions._task_tokens[token] = task
    _scopes_by_token[token] = scope
    ends_at = time.monotonic() + timeout_seconds
    try:
        _call(resource.removesuffix(".waitForTaskToken"), arguments, task, timeout_seconds)
        while not task["event"].wait(_seconds_to_wait(ends_at)):
            scope.stop.check()
    finally:
        stepfunctions._task_tokens.pop(token, None)
    return _outcome(task)


def _call(resource: str, arguments: Any, task: dict[str, Any], timeout_seconds: float) -> None:
    """Call the service; if it fails before the callback, the task fails."""
    try:
        stepfunctions._invoke_resource_with_timeout(resource, arguments, min(timeout_seconds, 1e6))
    except stepfunctions._ExecutionError:
        if not task["event"].is_set():
            raise


def _seconds_to_wait(ends_at: float) -> float:
    """Return the seconds until the next check; raise if the deadline has passed."""
    now = time.monotonic()
    if now >= ends_at:
        raise stepfunctions._ExecutionError("States.Timeout", "Task timed out")
    return min(ends_at - now, POLL_SECONDS)


def _outcome(task: dict[str, Any]) -> Any:
    if task["error"]:
        error = task["error"]
        raise stepfunctions._ExecutionError(
            error.get("Error", "TaskFailed"), error.get("Cause", "")
        )
    return json.loads(task["result"])


def is_expired(token: str) -> bool:
    """Return whether a token belongs to a task that has ended."""
    if token not in _scopes_by_token:
        return False
    task = stepfunctions._task_tokens.get(token)
    return task is None or task["event"].is_set() or _scopes_by_token[token].stop.is_set()


def issuing_state_machine(token: str) -> str | None:
    """Return the ARN of the state machine that issued a token, or None."""
    scope = _scopes_by_token.get(token)
    machine: str | None = scope["StateMachine"]["Id"] if scope else None
    return machine


def is_json(text: str) -> bool:
    """Return whether a text is valid JSON."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def clear_tokens() -> None:
    """Delete all tokens when the cloud is reset."""
    _scopes_by_token.clear()


@cache
def apply() -> None:
    """Reject callbacks for expired tokens, like AWS."""
    patch_points(stepfunctions, "_task_tokens", "_invoke_resource_with_timeout")
    for name in ("_send_task_success", "_send_task_failure"):
        send = patch_point(stepfunctions, name)

        def send_unless_expired(data: dict[str, Any], _send: Any = send) -> Any:
            token = data.get("taskToken", "")
            if not is_json(data.get("output", "null")):
                return error_response_json("InvalidOutput", "The output is not JSON.", 400)
            if is_expired(token):
                message = "Task Timed Out: 'Provided task does not exist anymore'"
                return error_response_json("TaskTimedOut", message, 400)
            return _send(data)

        setattr(stepfunctions, name, send_unless_expired)
