"""A task's timeout applies to its function's running time, not to the wait for a worker."""

import time
from typing import Any

import pytest
from ministack.services import stepfunctions

from local.emulator.sfn_time_limits import invoke_within
from local.emulator.worker_queue import queue_time


def test_the_wait_for_a_worker_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait_and_answer(resource: str, arguments: Any) -> str:
        with queue_time.get().measured():
            time.sleep(0.5)
        return f"{resource} of {arguments}"

    monkeypatch.setattr(stepfunctions, "_invoke_resource", wait_and_answer)

    assert invoke_within("work", "m1", 0.2) == "work of m1"


def test_a_call_that_works_too_long_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait_and_work(resource: str, arguments: Any) -> None:
        with queue_time.get().measured():
            time.sleep(0.3)
        time.sleep(1)

    monkeypatch.setattr(stepfunctions, "_invoke_resource", wait_and_work)
    started_at = time.monotonic()

    with pytest.raises(stepfunctions._ExecutionError) as raised:
        invoke_within("work", "m1", 0.2)

    assert raised.value.error == "States.Timeout"
    assert time.monotonic() - started_at > 0.4


def test_a_timeout_error_of_the_task_itself_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(resource: str, arguments: Any) -> None:
        raise TimeoutError("the database's")

    monkeypatch.setattr(stepfunctions, "_invoke_resource", fail)

    with pytest.raises(TimeoutError, match="the database's"):
        invoke_within("work", "m1", 5)
