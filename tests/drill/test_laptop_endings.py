"""Runs on the laptop cloud that end from outside, and are redriven."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from tests.drill.fault_points import Director, Invocation
from tests.drill.laptop_drill import LaptopDrill, Leavings, laptop_drill
from tests.drill.on_laptop import LaptopRun, LaptopStage
from tests.drill.scenarios import MAIN
from tests.drill.snapshot import Remains

RUN_SECONDS = 8  # of a machine whose reviewer answers only after the redrive
IN_THE_INNER_MAP = "write_solution"


class StoppedRun(LaptopRun):
    """A run that can be stopped from the console."""

    def stop(self) -> None:
        """Stop the execution."""
        self.stage.engine.stop_execution(executionArn=self._execution)


class StoppedWhileWaiting(StoppedRun):
    """A run that is stopped when its reviewer has been asked."""

    def asks_for_review(self, round_number: int) -> bool:
        """Return whether the run waits for a decision of this round."""
        asks = super().asks_for_review(round_number)
        if asks and not self.redrives:
            self.stop()
        return asks and self.redrives > 0


class TimedOut(StoppedRun):
    """A run whose reviewer answers too late."""

    def asks_for_review(self, round_number: int) -> bool:
        """Return whether the run waits for a decision of this round."""
        return self.redrives > 0 and super().asks_for_review(round_number)


class StoppingDirector(Director):
    """Stops the run when a function begins for the first time."""

    stop: Callable[[], None]

    def begin(self, function: str, task: str) -> Invocation:
        """Take note of a function that begins."""
        begun = super().begin(function, task)
        if function == IN_THE_INNER_MAP and begun.occurrence == 1:
            self.stop()
        return begun


def stopped_in_the_inner_map(stage: LaptopStage, number: int) -> StoppedRun:
    director = StoppingDirector()
    run = StoppedRun(stage, number, director)
    director.stop = run.stop
    return run


RUNS: Mapping[str, Callable[[LaptopStage, int], StoppedRun]] = {
    "aborted in the inner Map": stopped_in_the_inner_map,
    "aborted while waiting": lambda stage, number: StoppedWhileWaiting(stage, number, Director()),
    "timed out": lambda stage, number: TimedOut(stage, number, Director()),
}


@contextmanager
def in_a_hurry(stage: LaptopStage) -> Iterator[None]:
    """Return every run that starts meanwhile little time."""
    arn = stage.laptop.outputs["StateMachineArn"]
    patient = stage.engine.describe_state_machine(stateMachineArn=arn)["definition"]
    hasty = json.dumps(json.loads(patient) | {"TimeoutSeconds": RUN_SECONDS})
    stage.engine.update_state_machine(stateMachineArn=arn, definition=hasty)
    try:
        yield
    finally:
        stage.engine.update_state_machine(stateMachineArn=arn, definition=patient)


@pytest.fixture(scope="module")
def drill() -> Iterator[LaptopDrill]:
    with laptop_drill() as drill:
        yield drill


@pytest.fixture(scope="module")
def played(drill: LaptopDrill) -> dict[str, tuple[LaptopRun, Remains]]:
    """All runs and what each left, after the one without a fault."""
    runs: dict[str, LaptopRun] = {"": drill.faultless}
    for number, (how, prepared) in enumerate(RUNS.items(), start=100):
        runs[how] = run = prepared(drill.stage, number)
        if how == "timed out":
            with in_a_hurry(drill.stage):
                MAIN.play(run)
        else:
            MAIN.play(run)
    left = Leavings(drill.stage)
    return {how: (run, left.of(run)) for how, run in runs.items()}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("how", RUNS)
def test_scenario_39_a_run_that_ended_on_the_laptop_cloud_goes_on_when_redriven(
    played: dict[str, Any], how: str
) -> None:
    _, whole = played[""]
    run, left = played[how]

    ends = {one.partition(":")[0] for one in run.failures}

    assert ends == {"TIMED_OUT" if how == "timed out" else "ABORTED"}
    assert whole.differences(left) == []
    assert whole.paid_again(left) == 0
