"""Scenario 39: an execution that was stopped or timed out in any state can be redriven."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.practice.server import PracticeServer
from tests.drill.fault_points import FaultPlan
from tests.drill.on_moto import MotoRun, moto_run, practice_models
from tests.drill.scenarios import MAIN, REPAIR, SECONDS, DrillRun, Scenario, ScenarioStuck
from tests.drill.snapshot import Snapshot
from tests.scenarios.actions import CAREFUL, QUICK, approve_all
from tests.workflow import moto_endings, moto_engine
from tests.workflow.conftest import ACCOUNT, REGION, ROOT, Workflow

pytestmark = pytest.mark.slow

WAITING = "Request review"
SECOND_OPINION = Scenario(
    "a second opinion",
    lesson="sql_joins",
    brief={"tasks_count": 1, "models": [CAREFUL, QUICK], "cross_check": True},
)


class UnansweredReview(Scenario):
    """A scenario in which no reviewer responds: every wait for a decision times out at once."""

    def complete(self, run: DrillRun) -> None:
        """Drive a generation to completion."""
        self._publish(run)
        end = time.monotonic() + SECONDS
        while (status := run.status()) != "SUCCEEDED":
            if time.monotonic() > end:
                raise ScenarioStuck(status)
            if status != "RUNNING":
                run.redrive()
            run.pause()
        run.sweep()


SILENCE = UnansweredReview("silence", brief={"tasks_count": 1})
HINTED = Scenario("a hint", brief={"tasks_count": 1, "hints": True})
SCENARIOS = (MAIN, SILENCE, HINTED, REPAIR, SECOND_OPINION)


def states_of(states: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield all states of a definition, including those inside Map and Parallel states."""
    for name, state in states.items():
        yield name, state
        inner = [state["ItemProcessor"]] if "ItemProcessor" in state else state.get("Branches", [])
        for part in inner:
            yield from states_of(part["States"])


DEFINITION = json.loads((ROOT / "statemachine" / "author_assignments.asl.json").read_text())
TASKS = {name: state for name, state in states_of(DEFINITION["States"]) if state["Type"] == "Task"}


def survives_its_time_out(state: dict[str, Any]) -> bool:
    caught = [error for catcher in state.get("Catch", []) for error in catcher["ErrorEquals"]]
    return "States.Timeout" in caught


def until(nap: threading.Event) -> None:
    nap.wait(20)


def refuse(execution: str) -> None:
    raise moto_endings.EvalTimeoutError


@dataclass
class Ending:
    """Ends an execution externally, between a state's work and the arrival of its answer."""

    run: MotoRun
    struck: int = 0

    def abort(self, execution: str) -> None:
        """Stop the execution once."""
        if not self.struck:
            self.struck += 1
            self.run.workflow.engine.stop_execution(executionArn=execution)

    def end_time(self, execution: str) -> None:
        """Time out the whole execution once."""
        if not self.struck:
            self.struck += 1
            moto_endings.time_out(ACCOUNT, REGION, execution)

    def end_time_of_state(self, execution: str) -> None:
        """Time out every attempt of the state until an operator redrives."""
        if not self.run.redrives:
            self.struck += 1
            refuse(execution)


ENDINGS: dict[str, tuple[Callable[[Ending, str], None], str]] = {
    "aborted": (Ending.abort, "ABORTED"),
    "timed out": (Ending.end_time, "TIMED_OUT"),
    "state timed out": (Ending.end_time_of_state, "FAILED"),
}
CASES = [
    (state, ending)
    for state, task in TASKS.items()
    for ending in ENDINGS
    if not (ending == "state timed out" and survives_its_time_out(task))
]


@dataclass(frozen=True)
class Baseline:
    """A faultless run: its snapshot and the states it entered."""

    scenario: Scenario
    snapshot: Snapshot
    states: frozenset[str]


@dataclass(frozen=True)
class Recovered:
    """A redriven run: its snapshot, its failures and the number of interruptions."""

    snapshot: Snapshot
    failures: list[str]
    struck: int


class RedriveHarness:
    """Runs scenarios on moto with and without an interruption."""

    def __init__(self, practice: PracticeServer) -> None:
        self.practice = practice
        self.baselines: list[Baseline] = []

    def baseline_through(self, state: str) -> Baseline:
        """Return the faultless run of the first scenario that enters a state."""
        for number, scenario in enumerate(SCENARIOS):
            if number == len(self.baselines):
                self.baselines.append(self._run_baseline(scenario))
            if state in self.baselines[number].states:
                return self.baselines[number]
        pytest.fail(f"no scenario enters {state}")

    def _run_baseline(self, scenario: Scenario) -> Baseline:
        with moto_run(self.practice, FaultPlan()) as run:
            self._run_case(run, scenario, {})
            return Baseline(scenario, run.snapshot(), visited(run.workflow))

    def interrupted(self, scenario: Scenario, state: str, how: str) -> Recovered:
        """Run a scenario that is interrupted in a state and then redriven."""
        with moto_run(self.practice, FaultPlan()) as run:
            ending = Ending(run)
            self._run_case(
                run, scenario, {state: lambda execution: ENDINGS[how][0](ending, execution)}
            )
            return Recovered(run.snapshot(), run.failures, ending.struck)

    def _run_case(
        self, run: MotoRun, scenario: Scenario, hooks: dict[str, moto_endings.Hook]
    ) -> None:
        silent = {WAITING: refuse} if isinstance(scenario, UnansweredReview) else {}
        moto_endings.after_work_of.update(silent | hooks)
        try:
            scenario.complete(run)
        finally:
            moto_endings.after_work_of.clear()


def visited(workflow: Workflow) -> frozenset[str]:
    entered = (event.get("stateEnteredEventDetails") for event in workflow.history())
    return frozenset(event["name"] for event in entered if event)


@pytest.fixture(scope="module")
def harness() -> Iterator[RedriveHarness]:
    with practice_models() as practice:
        yield RedriveHarness(practice)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("state", "how"), CASES, ids=[f"{how} in {state}" for state, how in CASES])
def test_scenario_39_a_run_that_ended_in_any_state_goes_on_when_redriven(
    harness: RedriveHarness, state: str, how: str
) -> None:
    baseline = harness.baseline_through(state)

    again = harness.interrupted(baseline.scenario, state, how)

    assert again.struck
    assert [failure.split(":")[0] for failure in again.failures] == [ENDINGS[how][1]]
    assert baseline.snapshot.differences(again.snapshot) == []
    assert baseline.snapshot.paid_again(again.snapshot) == 0


def test_every_ending_meets_every_task_of_the_definition() -> None:
    named = {state for state, _ in CASES}
    spared = {(state, how) for state in TASKS for how in ENDINGS} - set(CASES)

    assert {"Write conditions", "Write tests", "Cross check draft", WAITING} <= named == set(TASKS)
    assert spared == {(WAITING, "state timed out")}


def test_a_run_beyond_its_time_is_timed_out_and_goes_on_when_redriven(workflow: Workflow) -> None:
    original = workflow.definition
    workflow.redefine(json.dumps(json.loads(original) | {"TimeoutSeconds": 1}))
    nap = threading.Event()
    moto_engine.interceptors["verify_draft"] = lambda event: until(nap)
    workflow.publish(workflow.event())
    ended = workflow.wait()["status"]
    nap.set()

    workflow.definition = original
    workflow.redrive()
    approve_all(workflow)

    assert ended == "TIMED_OUT"
    assert workflow.output()["status"] == "published"
    assert set(workflow.paid().values()) == {1}
