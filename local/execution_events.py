"""Follows an execution through the events in its history."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local.stack import DeployedStack

ENDED = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class StateTransition:
    """The entry or exit of a state; `data` is the state's input or output."""

    state: str
    entered: bool
    data: Any


@dataclass(frozen=True)
class ExecutionSummary:
    """An execution's status, and its error or output once it has ended."""

    status: str
    state: str
    error: str
    message: str
    output: dict[str, Any]


def state_transitions(
    stack: DeployedStack, execution: str, *, seen: int = 0
) -> Iterator[StateTransition | None]:
    """Yield each state transition until the execution ends, and None after each poll.

    The first `seen` events in the history are skipped.
    """
    step_functions = stack.client("stepfunctions")
    while True:
        has_ended = step_functions.describe_execution(executionArn=execution)["status"] in ENDED
        events = read_history(step_functions, execution)
        for event in events[seen:]:
            if transition := _transition(event):
                yield transition
        seen = len(events)
        if has_ended:
            return
        yield None
        time.sleep(POLL_SECONDS)


def summarize_execution(stack: DeployedStack, execution: str) -> ExecutionSummary:
    """Return an execution's status and, if it failed, the failed state and the error."""
    step_functions = stack.client("stepfunctions")
    description = step_functions.describe_execution(executionArn=execution)
    output = json.loads(description.get("output") or "{}")
    error, cause = description.get("error", ""), description.get("cause", "")
    state = failed_state(read_history(step_functions, execution)) if error else ""
    return ExecutionSummary(description["status"], state, error, error_message(cause), output)


def count_events(stack: DeployedStack, execution: str) -> int:
    """Return the current number of history events, from which a redrive can be followed."""
    return len(read_history(stack.client("stepfunctions"), execution))


def error_message(cause: str) -> str:
    """Extract a failed function's error message from the cause of the failure."""
    try:
        content = json.loads(cause)
    except ValueError:
        return cause
    return str(content.get("errorMessage", cause)) if isinstance(content, dict) else cause


def open_states(stack: DeployedStack, execution: str) -> Counter[str]:
    """Count the states that a running execution has entered but not exited."""
    step_functions = stack.client("stepfunctions")
    if step_functions.describe_execution(executionArn=execution)["status"] in ENDED:
        return Counter()
    counts: Counter[str] = Counter()
    for event in read_history(step_functions, execution):
        if transition := _transition(event):
            counts[transition.state] += 1 if transition.entered else -1
    return +counts


def failed_state(events: list[dict[str, Any]]) -> str:
    """Return the name of the state that made the execution fail."""
    by_id = {event["id"]: event for event in events}
    failures = [event for event in events if event["type"] in ("TaskFailed", "TaskTimedOut")]
    event = failures[-1] if failures else None
    while event and "stateEnteredEventDetails" not in event:
        event = by_id.get(event.get("previousEventId", 0))
    return str(event["stateEnteredEventDetails"]["name"]) if event else ""


def read_history(step_functions: Any, execution: str) -> list[dict[str, Any]]:
    """Return all events of an execution, oldest first."""
    pages = step_functions.get_paginator("get_execution_history").paginate(executionArn=execution)
    return [event for page in pages for event in page["events"]]


def _transition(event: dict[str, Any]) -> StateTransition | None:
    if details := event.get("stateEnteredEventDetails"):
        return StateTransition(details["name"], True, json.loads(details.get("input") or "null"))
    if details := event.get("stateExitedEventDetails"):
        return StateTransition(details["name"], False, json.loads(details.get("output") or "null"))
    return None
