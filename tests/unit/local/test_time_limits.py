"""A task's time is the time that its function works, not the time until a worker is free."""

import time
from typing import Any

import pytest
from ministack.services import stepfunctions

from local.emulator.sfn_time_limits import invoke_within
from local.emulator.worker_queue import waiting


def test_the_wait_for_a_worker_is_not_the_tasks_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait_and_answer(resource: str, arguments: Any) -> str:
        with waiting.get().in_line():
            time.sleep(0.5)
        return f"{resource} of {arguments}"

    monkeypatch.setattr(stepfunctions, "_invoke_resource", wait_and_answer)

    assert invoke_within("work", "m1", 0.2) == "work of m1"


def test_a_call_that_works_for_too_long_is_a_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait_and_work(resource: str, arguments: Any) -> None:
        with waiting.get().in_line():
            time.sleep(0.3)
        time.sleep(1)

    monkeypatch.setattr(stepfunctions, "_invoke_resource", wait_and_work)
    began = time.monotonic()

    with pytest.raises(stepfunctions._ExecutionError) as raised:
        invoke_within("work", "m1", 0.2)

    assert raised.value.error == "States.Timeout"
    assert time.monotonic() - began > 0.4


def test_a_tasks_own_time_out_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(resource: str, arguments: Any) -> None:
        raise TimeoutError("the database's")

    monkeypatch.setattr(stepfunctions, "_invoke_resource", fail)

    with pytest.raises(TimeoutError, match="the database's"):
        invoke_within("work", "m1", 5)
