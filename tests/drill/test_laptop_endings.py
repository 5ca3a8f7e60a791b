"""Tests executions on the laptop cloud that are stopped externally and then redriven."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from tests.drill.fault_points import FaultPlan, Invocation
from tests.drill.laptop_drill import CloudSnapshots, LaptopDrill, laptop_drill
from tests.drill.on_laptop import LaptopHarness, LaptopRun
from tests.drill.scenarios import MAIN
from tests.drill.snapshot import Snapshot

pytestmark = pytest.mark.slow

RUN_SECONDS = 8  # the reviewer responds only after the redrive
IN_THE_INNER_MAP = "write_solution"


class StoppedRun(LaptopRun):
    """A run whose execution can be stopped externally."""

    def stop(self) -> None:
        """Stop the execution."""
        self.harness.engine.stop_execution(executionArn=self._execution)


class StoppedWhileWaiting(StoppedRun):
    """A run that is stopped after its review has been requested."""

    def asks_for_review(self, round_number: int) -> bool:
        """Whether the execution is waiting for a decision in this round."""
        asks = super().asks_for_review(round_number)
        if asks and not self.redrives:
            self.stop()
        return asks and self.redrives > 0


class TimedOut(StoppedRun):
    """A run whose reviewer responds too late."""

    def asks_for_review(self, round_number: int) -> bool:
        """Whether the execution is waiting for a decision in this round."""
        return self.redrives > 0 and super().asks_for_review(round_number)


class StoppingPlan(FaultPlan):
    """Stops the run when a certain function starts for the first time."""

    stop: Callable[[], None]

    def begin(self, function: str, task: str) -> Invocation:
        """Register the start of a function and return its invocation."""
        begun = super().begin(function, task)
        if function == IN_THE_INNER_MAP and begun.occurrence == 1:
            self.stop()
        return begun


def stopped_in_the_inner_map(harness: LaptopHarness, number: int) -> StoppedRun:
    plan = StoppingPlan()
    run = StoppedRun(harness, number, plan)
    plan.stop = run.stop
    return run


RUNS: Mapping[str, Callable[[LaptopHarness, int], StoppedRun]] = {
    "aborted in the inner Map": stopped_in_the_inner_map,
    "aborted while waiting": lambda harness, number: StoppedWhileWaiting(
        harness, number, FaultPlan()
    ),
    "timed out": lambda harness, number: TimedOut(harness, number, FaultPlan()),
}


@contextmanager
def short_timeout(harness: LaptopHarness) -> Iterator[None]:
    """Run the block with a short execution time-out."""
    arn = harness.stack.outputs["StateMachineArn"]
    original = harness.engine.describe_state_machine(stateMachineArn=arn)["definition"]
    shortened = json.dumps(json.loads(original) | {"TimeoutSeconds": RUN_SECONDS})
    harness.engine.update_state_machine(stateMachineArn=arn, definition=shortened)
    try:
        yield
    finally:
        harness.engine.update_state_machine(stateMachineArn=arn, definition=original)


@pytest.fixture(scope="module")
def drill() -> Iterator[LaptopDrill]:
    with laptop_drill() as drill:
        yield drill


@pytest.fixture(scope="module")
def finished_runs(drill: LaptopDrill) -> dict[str, tuple[LaptopRun, Snapshot]]:
    """Return all runs with their snapshots; the faultless run's name is an empty string."""
    runs: dict[str, LaptopRun] = {"": drill.faultless}
    for number, (how, prepared) in enumerate(RUNS.items(), start=100):
        runs[how] = run = prepared(drill.harness, number)
        if how == "timed out":
            with short_timeout(drill.harness):
                MAIN.complete(run)
        else:
            MAIN.complete(run)
    snapshots = CloudSnapshots(drill.harness)
    return {how: (run, snapshots.of(run)) for how, run in runs.items()}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("how", RUNS)
def test_scenario_39_a_failed_execution_on_the_laptop_cloud_continues_when_redriven(
    finished_runs: dict[str, Any], how: str
) -> None:
    _, baseline = finished_runs[""]
    run, snapshot = finished_runs[how]

    ends = {failure.partition(":")[0] for failure in run.failures}

    assert ends == {"TIMED_OUT" if how == "timed out" else "ABORTED"}
    assert baseline.differences(snapshot) == []
    assert baseline.paid_again(snapshot) == 0
