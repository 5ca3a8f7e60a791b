"""Defects in ministack 1.5.33 in Parallel and Map.

A Parallel ignores `Arguments`, `Output` and `Assign`. A failure is reported only after all siblings
have finished, and none of them can be redriven. On AWS the first failure aborts the siblings, and a
redrive runs only the branches that failed or were aborted.
"""

import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ministack.services import stepfunctions

from local.emulator.patch_point import patch_points
from local.emulator.sfn_map_runs import run_distributed_map
from local.emulator.sfn_scopes import Aborted, Scope, Stop
from local.emulator.sfn_states import run_states
from local.emulator.sfn_tasks import arguments, number, output, with_retries


@dataclass(frozen=True)
class Branch:
    """A nested state machine that runs in parallel with others."""

    machine: dict[str, Any]
    make_input: Callable[[Scope], Any]
    entries: dict[str, Any] = field(default_factory=dict)


@dataclass
class FanOut:
    """Runs branches in parallel until all have finished or one has failed."""

    execution: dict[str, Any]
    scope: Scope
    is_map: bool
    failures: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Derive the path of the branches from their scope, visit and attempt."""
        self.stop = Stop(self.scope.stop)
        attempt = f"{self.scope.visits}.{self.scope['State']['RetryCount']}"
        self.path = f"{self.scope.path}/{attempt}"

    def run(self, branches: list[Branch], width: int) -> list[Any]:
        """Return all outputs in order, or raise the first failure."""
        results: list[Any] = [None] * len(branches)
        with ThreadPoolExecutor(max_workers=width or len(branches) or 1) as pool:
            wait(
                pool.submit(contextvars.copy_context().run, self._run_one, index, branch, results)
                for index, branch in enumerate(branches)
            )
        if self.failures:
            raise self.failures[0]
        self.scope.stop.check()
        return results

    def _run_one(self, index: int, branch: Branch, results: list[Any]) -> None:
        scope = self.scope.child(f"{self.path}[{index}]", self.stop, **branch.entries)
        try:
            self.stop.check()
            self._record("MapIterationStarted", index)
            states, start = branch.machine["States"], branch.machine["StartAt"]
            data = branch.make_input(scope)
            results[index] = run_states(states, start, data, self.execution, scope)
            self._record("MapIterationSucceeded", index)
        except Aborted:
            return
        except stepfunctions._ExecutionError as error:
            self._fail(error, index)
        except Exception as error:  # noqa: BLE001 - a broken definition fails the execution, not a thread
            self._fail(stepfunctions._ExecutionError("States.Runtime", repr(error)), index)

    def _fail(self, error: Exception, index: int) -> None:
        self.failures.append(error)
        self._record("MapIterationFailed", index)
        self.stop.set()

    def _record(self, kind: str, index: int) -> None:
        if self.is_map:
            details = {"name": self.scope.state_name, "index": index}
            name = f"{kind[0].lower()}{kind[1:]}EventDetails"
            stepfunctions._add_event(self.execution, kind, {name: details})


def run_parallel(state: dict[str, Any], data: Any, execution: dict[str, Any], scope: Scope) -> Any:
    """Run a Parallel state's branches once and return the state's output."""
    branch_input = arguments(state, data, scope)
    branches = [Branch(machine, lambda _: branch_input) for machine in state["Branches"]]
    results = FanOut(execution, scope, is_map=False).run(branches, 0)
    return output(state, data, scope, results)


def map_items(state: dict[str, Any], data: Any, scope: Scope) -> list[Any]:
    """Return a Map's items."""
    if "Items" not in state:
        return list(data)
    return list(stepfunctions._jsonata_state_field(state, "Items", "array", data, scope))


def map_branches(state: dict[str, Any], data: Any, scope: Scope) -> list[Branch]:
    """Return one branch for each item of a Map."""
    selector = state.get("ItemSelector")

    def make_input(inner: Scope) -> Any:
        if not selector:
            return inner["Map"]["Item"]["Value"]
        return stepfunctions._apply_jsonata_template(selector, data, inner)

    return [
        Branch(
            state["ItemProcessor"], make_input, {"Map": {"Item": {"Index": index, "Value": item}}}
        )
        for index, item in enumerate(map_items(state, data, scope))
    ]


def run_map(state: dict[str, Any], data: Any, execution: dict[str, Any], scope: Scope) -> Any:
    """Run a Map's iterations once and return the state's output."""
    width = number(state, "MaxConcurrency", data, scope) or 0
    fan_out = FanOut(execution, scope, is_map=True)
    results = fan_out.run(map_branches(state, data, scope), int(width))
    return output(state, data, scope, results)


def is_distributed(state: dict[str, Any]) -> bool:
    """Return whether a Map starts one execution per item."""
    config = state["ItemProcessor"].get("ProcessorConfig") or {}
    return bool(config.get("Mode") == "DISTRIBUTED")


def execute_parallel(
    state: dict[str, Any], data: Any, execution: dict[str, Any], scope: Scope
) -> tuple[Any, str | None]:
    """Run a Parallel state with its Retry and Catch."""
    return with_retries(state, data, scope, lambda: run_parallel(state, data, execution, scope))


def execute_map(
    state: dict[str, Any], data: Any, execution: dict[str, Any], scope: Scope
) -> tuple[Any, str | None]:
    """Run a Map with its Retry and Catch."""
    run = run_distributed_map if is_distributed(state) else run_map
    return with_retries(state, data, scope, lambda: run(state, data, execution, scope))


@cache
def apply() -> None:
    """Replace the execution of Parallel and Map states."""
    patch_points(
        stepfunctions,
        "_execute_parallel",
        "_execute_map",
        "_jsonata_state_field",
        "_apply_jsonata_template",
    )
    stepfunctions._execute_parallel = execute_parallel
    stepfunctions._execute_map = execute_map
