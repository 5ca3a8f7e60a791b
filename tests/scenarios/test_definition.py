"""Scenario 46: static checks of the state machine definition."""

import json
from collections.abc import Iterator
from typing import Any

from coursewright.domain import errors
from tests.workflow.conftest import definition

PREFIXES = ("Lambda.", "DynamoDB.", "EventBridge.", "States.", "Sandbox.")
State = dict[str, Any]


def states(machine: State) -> Iterator[tuple[str, State]]:
    """Yield all states at any depth."""
    for name, state in machine["States"].items():
        yield name, state
        for inner in (state.get("ItemProcessor"), *state.get("Branches", [])):
            if inner:
                yield from states(inner)


MACHINE: State = json.loads(definition())
STATES = dict(states(MACHINE))


def test_scenario_46_every_task_has_a_time_out() -> None:
    without = [
        name
        for name, state in STATES.items()
        if state["Type"] == "Task" and "TimeoutSeconds" not in state
    ]

    assert without == []
    assert "TimeoutSeconds" in MACHINE


def test_scenario_46_no_substitution_is_left() -> None:
    assert "${" not in definition()


def test_scenario_46_no_catch_leads_to_fail() -> None:
    failing = {name for name, state in STATES.items() if state["Type"] == "Fail"}

    caught = {rule["Next"] for state in STATES.values() for rule in state.get("Catch", [])}

    assert not caught & failing


def test_scenario_46_every_error_name_is_one_that_exists() -> None:
    named = {
        name
        for state in STATES.values()
        for rule in (*state.get("Retry", []), *state.get("Catch", []))
        for name in rule["ErrorEquals"]
    }

    ours = {name for name in named if not name.startswith(PREFIXES)}

    assert ours
    assert all(isinstance(getattr(errors, name, None), type) for name in ours)
    assert "States.ALL" not in named
