"""Defect in ministack 1.5.33: history events of concurrent branches can have the same id.

On AWS ids are unique, and each event refers to the previous one in its branch.
"""

import threading
from contextvars import ContextVar
from functools import cache
from typing import Any

from ministack.services import stepfunctions

from local.emulator.patch_point import patch_point

_lock = threading.Lock()
_last_in_branch: ContextVar[tuple[str, int]] = ContextVar("_last_in_branch", default=("", 0))


@cache
def apply() -> None:
    """Number history events consecutively."""
    add_event = patch_point(stepfunctions, "_add_event")

    def add_numbered_event(execution: Any, kind: str, details: Any = None) -> dict[str, Any]:
        with _lock:
            event: dict[str, Any] = add_event(execution, kind, details)
            last_execution, last = _last_in_branch.get()
            arn = execution["executionArn"]
            event["previousEventId"] = last if last_execution == arn else event["id"] - 1
            _last_in_branch.set((arn, event["id"]))
            return event

    stepfunctions._add_event = add_numbered_event
