"""Defects in ministack 1.5.33: executions cannot be resumed, and inner states are not recorded.

AWS records the states inside a Map or Parallel in the history. For redrives, it stores where each
scope stopped, with its input and variables or its output.
"""

import copy
import json
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from ministack.core.responses import now_iso
from ministack.services import stepfunctions

from local.emulator.patch_point import patch_points
from local.emulator.sfn_choice import succeed
from local.emulator.sfn_scopes import Scope
from local.emulator.sfn_size_limits import within_limit


@dataclass(frozen=True)
class Position:
    """A scope's position: before a state or at its end."""

    state_name: str | None
    data: Any
    variables: dict[str, Any]
    visits: int


def scope_positions(execution: dict[str, Any]) -> dict[str, Position]:
    """Return the positions of an execution's scopes by path."""
    return cast(dict[str, Position], execution.setdefault("_progress", {}))


def run_states(
    states: dict[str, Any], start: str, data: Any, execution: dict[str, Any], scope: Scope
) -> Any:
    """Run a scope to its end, from where it stopped if applicable, and return its output."""
    progress = scope_positions(execution)
    at = progress.get(scope.path) or Position(start, data, scope["variables"], 0)
    data, scope["variables"], scope.visits = copy.deepcopy((at.data, at.variables, at.visits))
    name = at.state_name
    while name is not None:
        scope.stop.check()
        progress[scope.path] = Position(
            name, *copy.deepcopy((data, scope["variables"], scope.visits))
        )
        data, name = run_state(states, name, data, execution, scope)
        scope.visits += 1
    progress[scope.path] = Position(None, copy.deepcopy(data), {}, scope.visits)
    return data


def run_state(
    states: dict[str, Any], name: str, data: Any, execution: dict[str, Any], scope: Scope
) -> tuple[Any, str | None]:
    """Run one state and record its entry and exit in the history."""
    if name not in states:
        raise stepfunctions._ExecutionError("States.Runtime", f"State '{name}' not found")
    kind = states[name]["Type"]
    scope["State"] = {"Name": name, "EnteredTime": now_iso(), "RetryCount": 0}
    _record(execution, f"{kind}StateEntered", name=name, input=json.dumps(data))
    data, next_state = dispatch(states[name], data, execution, scope)
    scope.stop.check()
    within_limit(data, name)
    _record(execution, f"{kind}StateExited", name=name, output=json.dumps(data))
    return data, next_state


def dispatch(
    state: dict[str, Any], data: Any, execution: dict[str, Any], scope: Scope
) -> tuple[Any, str | None]:
    """Run a state using the function for its type."""
    kind = state["Type"]
    if kind == "Fail":
        error, cause = stepfunctions._fail_state_error(state, data, scope)
        raise stepfunctions._ExecutionError(error, cause)
    if kind == "Succeed":
        return succeed(state, data, scope), None
    run = getattr(stepfunctions, f"_execute_{kind.lower()}")
    with_execution = kind in ("Task", "Parallel", "Map")
    result: tuple[Any, str | None] = (
        run(state, data, execution, scope) if with_execution else run(state, data, scope)
    )
    return result


def _record(execution: dict[str, Any], kind: str, **details: Any) -> None:
    name = "stateEnteredEventDetails" if "Entered" in kind else "stateExitedEventDetails"
    stepfunctions._add_event(execution, kind, {name: details})


@cache
def apply() -> None:
    """Check the patch points; `sfn_executions` and `sfn_branches` call this module."""
    patch_points(
        stepfunctions,
        "_execute_pass",
        "_execute_task",
        "_execute_choice",
        "_execute_wait",
        "_execute_parallel",
        "_execute_map",
        "_fail_state_error",
    )
