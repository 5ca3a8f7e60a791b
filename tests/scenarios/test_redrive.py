"""Scenario 39, from the engine's side: a run stopped or timed out in any state goes on."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.practice.server import PracticeServer
from tests.drill.fault_points import Director
from tests.drill.on_moto import MotoRun, directed_run, practice_models
from tests.drill.scenarios import MAIN, REPAIR, SECONDS, Run, Story, StoryStuck
from tests.drill.snapshot import Remains
from tests.scenarios.actions import CAREFUL, QUICK, approve_all
from tests.workflow import moto_endings, moto_engine
from tests.workflow.conftest import ACCOUNT, REGION, ROOT, Workflow

WAITING = "Request review"
SECOND_OPINION = Story(
    "a second opinion",
    lesson="sql_joins",
    brief={"tasks_count": 1, "models": [CAREFUL, QUICK], "cross_check": True},
)


class Silence(Story):
    """Nobody answers: every wait for a decision times out at once, and the operator redrives."""

    def play(self, run: Run) -> None:
        """Bring a generation to its end."""
        self._publish(run)
        end = time.monotonic() + SECONDS
        while (status := run.status()) != "SUCCEEDED":
            if time.monotonic() > end:
                raise StoryStuck(status)
            if status != "RUNNING":
                run.redrive()
            run.pause()
        run.sweep()


SILENCE = Silence("silence", brief={"tasks_count": 1})
HINTED = Story("a hint", brief={"tasks_count": 1, "hints": True})
STORIES = (MAIN, SILENCE, HINTED, REPAIR, SECOND_OPINION)


def states_of(states: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return every state of a definition, those within Maps and Parallels too."""
    for name, state in states.items():
        yield name, state
        inner = [state["ItemProcessor"]] if "ItemProcessor" in state else state.get("Branches", [])
        for part in inner:
            yield from states_of(part["States"])


DEFINITION = json.loads((ROOT / "statemachine" / "author_assignments.asl.json").read_text())
TASKS = {name: one for name, one in states_of(DEFINITION["States"]) if one["Type"] == "Task"}


def survives_its_time_out(state: dict[str, Any]) -> bool:
    caught = [error for one in state.get("Catch", []) for error in one["ErrorEquals"]]
    return "States.Timeout" in caught


def until(nap: threading.Event) -> None:
    nap.wait(20)


def refuse(execution: str) -> None:
    raise moto_endings.EvalTimeoutError


@dataclass
class Ending:
    """An end that comes from outside, after the state's work and before its answer is heard."""

    run: MotoRun
    struck: int = 0

    def abort(self, execution: str) -> None:
        """Stop the run, once."""
        if not self.struck:
            self.struck += 1
            self.run.workflow.engine.stop_execution(executionArn=execution)

    def end_time(self, execution: str) -> None:
        """Let the time of the whole run be up, once."""
        if not self.struck:
            self.struck += 1
            moto_endings.time_out(ACCOUNT, REGION, execution)

    def end_time_of_state(self, execution: str) -> None:
        """Let the state's time be up, over all its retries until an operator redrives."""
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
    for state, one in TASKS.items()
    for ending in ENDINGS
    if not (ending == "state timed out" and survives_its_time_out(one))
]


@dataclass(frozen=True)
class Whole:
    """A run without a fault: what it left, and through which states it went."""

    story: Story
    remains: Remains
    states: frozenset[str]


@dataclass(frozen=True)
class Recovered:
    """A run that ended early: what it left, how it ended and how often it was redriven."""

    remains: Remains
    failures: list[str]
    struck: int


class Theatre:
    """Plays stories on moto, whole and broken off."""

    def __init__(self, practice: PracticeServer) -> None:
        self.practice = practice
        self.wholes: list[Whole] = []

    def through(self, state: str) -> Whole:
        """Return the first story's run that goes through a state."""
        for number, story in enumerate(STORIES):
            if number == len(self.wholes):
                self.wholes.append(self._whole(story))
            if state in self.wholes[number].states:
                return self.wholes[number]
        pytest.fail(f"no story goes through {state}")

    def _whole(self, story: Story) -> Whole:
        with directed_run(self.practice, Director()) as run:
            self._play(run, story, {})
            return Whole(story, run.remains(), visited(run.workflow))

    def broken(self, story: Story, state: str, how: str) -> Recovered:
        """Play a story whose run ends early in a state, and is redriven."""
        with directed_run(self.practice, Director()) as run:
            ending = Ending(run)
            self._play(run, story, {state: lambda execution: ENDINGS[how][0](ending, execution)})
            return Recovered(run.remains(), run.failures, ending.struck)

    def _play(self, run: MotoRun, story: Story, hooks: dict[str, moto_endings.Hook]) -> None:
        silent = {WAITING: refuse} if isinstance(story, Silence) else {}
        moto_endings.after_work_of.update(silent | hooks)
        try:
            story.play(run)
        finally:
            moto_endings.after_work_of.clear()


def visited(workflow: Workflow) -> frozenset[str]:
    entered = (one.get("stateEnteredEventDetails") for one in workflow.history())
    return frozenset(one["name"] for one in entered if one)


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    with practice_models() as practice:
        yield Theatre(practice)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("state", "how"), CASES, ids=[f"{how} in {state}" for state, how in CASES])
def test_scenario_39_a_run_that_ended_in_any_state_goes_on_when_redriven(
    theatre: Theatre, state: str, how: str
) -> None:
    whole = theatre.through(state)

    again = theatre.broken(whole.story, state, how)

    assert again.struck
    assert [one.split(":")[0] for one in again.failures] == [ENDINGS[how][1]]
    assert whole.remains.differences(again.remains) == []
    assert whole.remains.paid_again(again.remains) == 0


def test_every_ending_meets_every_task_of_the_definition() -> None:
    named = {state for state, _ in CASES}
    spared = {(state, how) for state in TASKS for how in ENDINGS} - set(CASES)

    assert {"Write conditions", "Write tests", "Cross check draft", WAITING} <= named == set(TASKS)
    assert spared == {(WAITING, "state timed out")}


def test_a_run_beyond_its_time_is_timed_out_and_goes_on_when_redriven(workflow: Workflow) -> None:
    patient = workflow.definition
    workflow.redefine(json.dumps(json.loads(patient) | {"TimeoutSeconds": 1}))
    nap = threading.Event()
    moto_engine.interceptors["verify_draft"] = lambda event: until(nap)
    workflow.publish(workflow.event())
    ended = workflow.wait()["status"]
    nap.set()

    workflow.definition = patient
    workflow.redrive()
    approve_all(workflow)

    assert ended == "TIMED_OUT"
    assert workflow.output()["status"] == "published"
    assert set(workflow.paid().values()) == {1}
