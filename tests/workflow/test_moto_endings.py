"""What ends from outside ends on moto's interpreter without a thread that breaks."""

from types import SimpleNamespace
from typing import Any

import pytest
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branch_worker import (
    BranchWorker,
)

from tests.workflow.moto_engine import patch_moto


class Broken:
    """A branch that cannot begin."""

    def eval(self, env: Any) -> None:
        raise RuntimeError("Could not set NextState value")


def branch(*, is_running: bool) -> tuple[BranchWorker, list[Any]]:
    patch_moto()
    ended: list[Any] = []

    def on_terminated(env: Any) -> None:
        ended.append(env)

    comm = SimpleNamespace(on_terminated=on_terminated)
    worker = BranchWorker(comm, Broken(), SimpleNamespace(is_running=lambda: is_running))
    worker._worker_thread = SimpleNamespace(native_id=0)
    return worker, ended


def test_a_branch_of_a_run_that_has_ended_counts_as_ended() -> None:
    worker, ended = branch(is_running=False)

    worker._thread_routine()

    assert ended == [worker.env]


def test_a_branch_that_breaks_in_a_run_is_heard_of() -> None:
    worker, ended = branch(is_running=True)

    with pytest.raises(RuntimeError):
        worker._thread_routine()

    assert ended == []
