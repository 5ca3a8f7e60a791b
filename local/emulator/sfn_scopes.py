"""Defects of ministack 1.5.33: branches share one context, and nothing stops when one fails.

On AWS every branch and iteration has variables of its own which end with it. It reads those of the
scopes around it and may not assign them. The first failure aborts the siblings.
"""

import copy
import time
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from ministack.services import stepfunctions

from local.emulator.patch_point import patch_point


class Aborted(Exception):
    """Ends the work of a scope whose result nobody wants any more."""


class Stop:
    """A flag that the first failure in a scope sets, and that the scopes inside it see."""

    def __init__(self, parent: "Stop | None" = None) -> None:
        """Start unset, below a parent."""
        self._parent = parent
        self._is_set = False

    def set(self) -> None:
        """Tell the scope and those inside it to stop."""
        self._is_set = True

    def is_set(self) -> bool:
        """Return whether this scope or one around it was stopped."""
        return self._is_set or bool(self._parent and self._parent.is_set())

    def sleep(self, seconds: float) -> None:
        """Wait, unless stopped: then raise Aborted."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, 0.05))

    def check(self) -> None:
        """Raise Aborted if stopped."""
        if self.is_set():
            raise Aborted


class RunStop(Stop):
    """Set as soon as an execution is not running, or was redriven since."""

    def __init__(self, execution: Mapping[str, Any], run: int) -> None:
        """Watch one run of an execution."""
        super().__init__()
        self._execution = execution
        self._run = run

    def is_set(self) -> bool:
        """Return whether this run is over."""
        return bool(self._execution["status"] != "RUNNING" or self._execution["_run"] != self._run)


class Scope(dict[str, Any]):
    """The context object of one run, branch or iteration.

    A dictionary, since expressions read it as `$states.context`. What only the interpreter must
    know is kept in attributes: the path that names the scope in the record of progress, and the
    number of states that were visited in it.
    """

    path: str = ""
    visits: int = 0
    stop: Stop
    outer_names: frozenset[str] = frozenset()

    def child(self, path: str, stop: Stop, **entries: Any) -> "Scope":
        """Return the scope of a branch or iteration."""
        scope = Scope(copy.deepcopy(dict(self)), **entries)
        scope.path = path
        scope.stop = stop
        scope.outer_names = self.outer_names | set(self["variables"])
        return scope

    @property
    def state_name(self) -> str:
        """Return the name of the state that runs in this scope."""
        return cast(str, self["State"]["Name"])

    def is_jsonata(self, state: Mapping[str, Any]) -> bool:
        """Tell which query language a state uses."""
        return bool(stepfunctions._state_query_language(state, self) == "JSONata")


def apply_state_assign(
    state: dict[str, Any],
    data: Any,
    scope: dict[str, Any] | None,
    result: Any = None,
    error_output: Any = None,
) -> None:
    """Assign a state's variables; all expressions read the values from before the state."""
    assign = state.get("Assign")
    if scope is None or not isinstance(assign, dict):
        return
    new = {
        name: stepfunctions._apply_jsonata_template(
            template, data, scope, result=result, error_output=error_output
        )
        for name, template in assign.items()
    }
    foreign = set(new) & getattr(scope, "outer_names", frozenset())
    if foreign:
        raise stepfunctions._ExecutionError(
            "States.Runtime",
            f"Variables of an outer scope cannot be assigned here: {', '.join(sorted(foreign))}.",
        )
    scope.setdefault("variables", {}).update(new)


@cache
def apply() -> None:
    """Assign variables as AWS does; the other `sfn_` patches run states in these scopes."""
    for name in ("_state_query_language", "_apply_jsonata_template", "_apply_state_assign"):
        patch_point(stepfunctions, name)
    stepfunctions._apply_state_assign = apply_state_assign
