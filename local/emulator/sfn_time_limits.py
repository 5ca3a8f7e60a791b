"""Defect of ministack 1.5.33: a task's time runs while its call waits for a worker.

On AWS a call never waits: there is another environment for it, or it is throttled and tried again.
Here a few workers stand for all those environments, so the wait for one of them does not count.
"""

import contextvars
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from functools import cache
from typing import Any

from ministack.services import stepfunctions

from local.emulator.patch_point import patch_points
from local.emulator.worker_queue import Waiting, waiting

LOOK_SECONDS = 0.1  # at the line, while a call stands in it


def invoke_within(resource: str, arguments: Any, timeout_seconds: float) -> Any:
    """Call a service, and fail with States.Timeout where it works longer than it may."""
    in_line = Waiting()
    context = contextvars.copy_context()
    context.run(waiting.set, in_line)
    pool = ThreadPoolExecutor(max_workers=1)
    called = pool.submit(context.run, stepfunctions._invoke_resource, resource, arguments)
    pool.shutdown(wait=False)
    return _result(called, timeout_seconds, in_line)


def _result(called: Future[Any], timeout_seconds: float, in_line: Waiting) -> Any:
    began = time.monotonic()
    while True:
        left = timeout_seconds + in_line.seconds - (time.monotonic() - began)
        try:
            return called.result(max(left, LOOK_SECONDS if in_line.is_on else 0.0))
        except NotYet:
            if called.done():  # in between, or with a time-out of its own
                return called.result()
            if left <= 0 and not in_line.is_on:
                message = f"Task timed out after {timeout_seconds} seconds"
                raise stepfunctions._ExecutionError("States.Timeout", message) from None


@cache
def apply() -> None:
    """Limit the time of tasks this way."""
    patch_points(stepfunctions, "_invoke_resource", "_invoke_resource_with_timeout")
    stepfunctions._invoke_resource_with_timeout = invoke_within
