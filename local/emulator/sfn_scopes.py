"""Defects in ministack 1.5.33: branches share one context and keep running when one fails.

On AWS every branch and iteration has its own variables; it can read those of enclosing scopes but
not assign them. The first failure aborts the siblings.
"""

import copy
import time
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from ministack.services import stepfunctions

from local.emulator.patch_point import patch_point


class Aborted(Exception):
    """Aborts the work of a scope whose result is no longer needed."""


class Stop:
    """A flag that the first failure in a scope sets and that nested scopes can see."""

    def __init__(self, parent: "Stop | None" = None) -> None:
        """Start unset, with an optional parent."""
        self._parent = parent
        self._is_set = False

    def set(self) -> None:
        """Stop this scope and all nested scopes."""
        self._is_set = True

    def is_set(self) -> bool:
        """Return whether this scope or an enclosing one has been stopped."""
        return self._is_set or bool(self._parent and self._parent.is_set())

    def sleep(self, seconds: float) -> None:
        """Sleep; raise Aborted as soon as the scope is stopped."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, 0.05))

    def check(self) -> None:
        """Raise Aborted if stopped."""
        if self.is_set():
            raise Aborted


class ExecutionStop(Stop):
    """A flag that is set as soon as an execution is not running or has been redriven."""

    def __init__(self, execution: Mapping[str, Any], run: int) -> None:
        """Watch one run of an execution; a redrive is a new run."""
        super().__init__()
        self._execution = execution
        self._run = run

    def is_set(self) -> bool:
        """Return whether this run is over."""
        return bool(self._execution["status"] != "RUNNING" or self._execution["_run"] != self._run)


class Scope(dict[str, Any]):
    """The context object of an execution, branch or iteration.

    It is a dictionary because expressions read it as `$states.context`. Its attributes are only for
    the interpreter: the path that identifies the scope in the recorded progress, and the number of
    states visited in it.
    """

    path: str = ""
    visits: int = 0
    stop: Stop
    outer_names: frozenset[str] = frozenset()

    def child(self, path: str, stop: Stop, **entries: Any) -> "Scope":
        """Return a nested scope for a branch or iteration."""
        scope = Scope(copy.deepcopy(dict(self)), **entries)
        scope.path = path
        scope.stop = stop
        scope.outer_names = self.outer_names | set(self["variables"])
        return scope

    @property
    def state_name(self) -> str:
        """The name of this scope's current state."""
        return cast(str, self["State"]["Name"])


def apply_state_assign(
    state: dict[str, Any],
    data: Any,
    scope: dict[str, Any] | None,
    result: Any = None,
    error_output: Any = None,
) -> None:
    """Assign a state's variables; all expressions see the values they had before the state."""
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
    """Assign variables like AWS; the other `sfn_` modules run states in these scopes."""
    for name in ("_apply_jsonata_template", "_apply_state_assign"):
        patch_point(stepfunctions, name)
    stepfunctions._apply_state_assign = apply_state_assign
