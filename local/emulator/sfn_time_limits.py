"""Defect in ministack 1.5.33: a task's timeout includes the time its call waits for a worker.

On AWS a call never waits: it gets another environment, or it is throttled and retried. Here a few
workers replace all those environments, so the time spent waiting for a worker is not counted.
"""

import contextvars
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotDoneYet
from functools import cache
from typing import Any

from ministack.services import stepfunctions

from local.emulator.patch_point import patch_points
from local.emulator.worker_queue import QueueTime, queue_time

POLL_SECONDS = 0.1  # while the call is in the queue


def invoke_within(resource: str, arguments: Any, timeout_seconds: float) -> Any:
    """Call a service; raise States.Timeout if its work takes longer than the limit."""
    waited = QueueTime()
    context = contextvars.copy_context()
    context.run(queue_time.set, waited)
    pool = ThreadPoolExecutor(max_workers=1)
    call = pool.submit(context.run, stepfunctions._invoke_resource, resource, arguments)
    pool.shutdown(wait=False)
    return _result(call, timeout_seconds, waited)


def _result(call: Future[Any], timeout_seconds: float, waited: QueueTime) -> Any:
    started_at = time.monotonic()
    while True:
        left = timeout_seconds + waited.seconds - (time.monotonic() - started_at)
        try:
            return call.result(max(left, POLL_SECONDS if waited.is_running else 0.0))
        except NotDoneYet:
            if call.done():  # in the meantime, or with a timeout error of its own
                return call.result()
            if left <= 0 and not waited.is_running:
                message = f"Task timed out after {timeout_seconds} seconds"
                raise stepfunctions._ExecutionError("States.Timeout", message) from None


@cache
def apply() -> None:
    """Exclude queue time from task timeouts."""
    patch_points(stepfunctions, "_invoke_resource", "_invoke_resource_with_timeout")
    stepfunctions._invoke_resource_with_timeout = invoke_within
