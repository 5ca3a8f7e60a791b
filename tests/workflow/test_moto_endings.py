"""Executions that are ended externally stop on moto's interpreter without broken threads."""

from types import SimpleNamespace
from typing import Any

import pytest
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branch_worker import (
    BranchWorker,
)
from moto.stepfunctions.parser.asl.eval.program_state import ProgramRunning, ProgramStopped
from moto.stepfunctions.parser.backend.execution import Execution

from tests.workflow.moto_engine import patch_moto


class Broken:
    """A branch that cannot start."""

    def eval(self, env: Any) -> None:
        raise RuntimeError("Could not set NextState value")


class Beginning:
    """An execution that enters its first state after a short delay."""

    def __init__(self) -> None:
        self.env = self
        self.states: list[Any] = [None, None, ProgramRunning()]

    def program_state(self) -> Any:
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]

    def stop(self, **why: Any) -> None:
        if self.program_state():
            self.states = [ProgramStopped(**why)]


def branch(*, is_running: bool) -> tuple[BranchWorker, list[Any]]:
    patch_moto()
    ended: list[Any] = []

    def on_terminated(env: Any) -> None:
        ended.append(env)

    comm = SimpleNamespace(on_terminated=on_terminated)
    worker = BranchWorker(comm, Broken(), SimpleNamespace(is_running=lambda: is_running))
    worker._worker_thread = SimpleNamespace(native_id=0)
    return worker, ended


def test_a_branch_of_an_ended_execution_counts_as_ended() -> None:
    worker, ended = branch(is_running=False)

    worker._thread_routine()

    assert ended == [worker.env]


def test_a_failed_branch_is_reported() -> None:
    worker, ended = branch(is_running=True)

    with pytest.raises(RuntimeError):
        worker._thread_routine()

    assert ended == []


def test_an_execution_is_stopped_only_after_it_has_started() -> None:
    patch_moto()
    run = Execution.__new__(Execution)
    run.exec_worker = Beginning()

    run.stop(stop_date=None, error="", cause="")

    assert run.exec_status == "ABORTED"
