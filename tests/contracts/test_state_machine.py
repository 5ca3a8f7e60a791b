"""The state machines follow our rules and agree with the template, the code and the events."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from coursewright.domain.review import MAX_ROUNDS
from coursewright.domain.verification import MAX_REPAIRS
from tests.cloudformation import load_template
from tests.contracts.definition_checks import machines, problems, states
from tests.contracts.render_definition import (
    MACHINES,
    definition_text,
    rendered_definition,
    substitutions,
)

ROOT = Path(__file__).parents[2]
TEMPLATE = load_template(ROOT / "template.yaml")
DEFINITION = json.loads(definition_text())
STATES = {
    path.rsplit("/", 1)[-1]: state
    for machine in MACHINES
    for path, state in states(json.loads(definition_text(machine)))
}
CALLS = {
    name: state
    for name, state in STATES.items()
    if state.get("Resource", "").startswith("arn:aws:states:::lambda:invoke")
}
REPAIR = "Repair draft"


def function_of(state: str) -> str:
    return state.lower().replace(" ", "_")


def logical_id(function: str) -> str:
    return "".join(word.title() for word in function.split("_")) + "Function"


def payloads(function: str) -> list[set[str]]:
    """Return the keys that each state passes to a function."""
    placeholder = f"${{{logical_id(function)}}}"
    return [
        set(state["Arguments"]["Payload"])
        for state in CALLS.values()
        if placeholder in state["Arguments"]["FunctionName"]
    ]


@pytest.mark.parametrize("machine", MACHINES)
def test_the_definition_follows_every_rule(machine: str) -> None:
    found = problems(rendered_definition(machine))

    assert found == []


@pytest.mark.parametrize("machine", MACHINES)
def test_the_template_fills_exactly_the_placeholders_of_the_definition(machine: str) -> None:
    placeholders = set(re.findall(r"\$\{(\w+)\}", definition_text(machine)))

    assert placeholders == set(substitutions(machine))


def test_every_definition_is_checked_and_deployed() -> None:
    found = {path.name for path in (ROOT / "statemachine").glob("*.asl.json")}

    deployed = {
        Path(resource["Properties"]["DefinitionUri"]).name
        for resource in TEMPLATE["Resources"].values()
        if resource["Type"] == "AWS::Serverless::StateMachine"
    }

    assert found == deployed == {f"{name}.asl.json" for name in MACHINES}


@pytest.mark.parametrize("state", [name for name in CALLS if name != REPAIR])
def test_a_state_calls_the_function_of_its_name(state: str) -> None:
    function = CALLS[state]["Arguments"]["FunctionName"]

    assert function == f"${{{logical_id(function_of(state))}}}"
    assert (ROOT / "functions" / function_of(state) / "app.py").is_file()


@pytest.mark.parametrize(
    "state", [name for name, call in CALLS.items() if name not in (REPAIR, "Request review")]
)
def test_a_state_waits_ten_seconds_longer_than_its_function(state: str) -> None:
    properties = TEMPLATE["Resources"][logical_id(function_of(state))]["Properties"]
    usual = TEMPLATE["Globals"]["Function"]["Timeout"]

    assert CALLS[state]["TimeoutSeconds"] == properties.get("Timeout", usual) + 10


def test_a_repair_has_the_timeout_of_the_agents() -> None:
    agents = [CALLS[name]["TimeoutSeconds"] for name in ("Write tests", "Write solution")]

    assert agents == [CALLS[REPAIR]["TimeoutSeconds"]] * 2


@pytest.mark.parametrize(
    "function", sorted({function_of(name) for name in CALLS} - {"repair_draft", "start_generation"})
)
def test_a_sample_event_has_the_keys_that_the_state_sends(function: str) -> None:
    samples = [
        set(json.loads(path.read_text("utf-8")))
        for path in sorted((ROOT / "events" / function).glob("*.json"))
    ]

    assert samples
    for sample in samples:
        assert sample in payloads(function)


@pytest.mark.parametrize("agent", ["Write conditions", "Write tests", "Write solution", REPAIR])
def test_an_agent_is_retried_only_for_provider_errors_and_leases(
    agent: str,
) -> None:
    own = [rule for rule in STATES[agent]["Retry"] if "ModelThrottled" in rule["ErrorEquals"]]

    assert [rule["ErrorEquals"] for rule in own] == [
        ["ModelThrottled", "ModelUnavailable", "ModelCallInFlight"]
    ]
    assert (own[0]["IntervalSeconds"], own[0]["BackoffRate"], own[0]["MaxAttempts"]) == (15, 2, 6)
    outcomes = ["ModelRefused", "ModelDisabled", "PromptTooLong"]
    assert STATES[agent]["Catch"][0]["ErrorEquals"] == outcomes


def test_reviews_end_before_the_state_machine_times_out() -> None:
    parameters = TEMPLATE["Parameters"]
    wait = parameters["ReviewTimeoutSeconds"]["MaxValue"]
    reminders = parameters["MaxReminders"]["MaxValue"]

    # One more wait per round, because a review can be requested again shortly before it expires.
    longest = MAX_ROUNDS * (reminders + 2) * wait

    assert longest < DEFINITION["TimeoutSeconds"] <= 365 * 86_400


def test_rounds_and_repairs_are_those_of_the_domain() -> None:
    another_round = [choice["Condition"] for choice in STATES["Decision?"]["Choices"]]
    another_repair = STATES["Verified?"]["Choices"][0]["Condition"]

    assert any(f"$round < {MAX_ROUNDS}" in condition for condition in another_round)
    assert f"$repairs < {MAX_REPAIRS}" in another_repair


def test_names_of_states_are_unique_in_all_machines() -> None:
    definitions = [json.loads(definition_text(machine)) for machine in MACHINES]
    names = [
        name
        for definition in definitions
        for _, part in machines(definition)
        for name in part["States"]
    ]

    assert len(names) == len(set(names))


def test_every_state_has_a_row_in_the_readme() -> None:
    readme = (ROOT / "statemachine" / "README.md").read_text("utf-8")

    missing = [name for name in STATES if f"| {name} |" not in readme]

    assert missing == []


TASK: dict[str, Any] = {
    "Type": "Task",
    "Comment": "Asks.",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Arguments": {"FunctionName": "f", "Payload": {"x": "{% $states.input.x %}"}},
    "TimeoutSeconds": 10,
    "Retry": [{"ErrorEquals": ["States.Timeout"], "JitterStrategy": "FULL"}],
    "Next": "Stop",
}
STOP = {"Type": "Fail", "Comment": "Ends.", "Error": "E", "Cause": "c"}
INNER = {"StartAt": "In", "States": {"In": {"Type": "Pass", "Comment": "c", "End": True}}}
MAP = {"Type": "Map", "Comment": "c", "ItemProcessor": INNER, "Next": "Stop"}


def definition_with(**ask: Any) -> dict[str, Any]:
    """Return a small definition with one changed state; None removes a field."""
    state = {key: value for key, value in (TASK | ask).items() if value is not None}
    return {"StartAt": "Ask", "States": {"Ask": state, "Stop": STOP}}


def inner_assign() -> dict[str, Any]:
    inner = copy.deepcopy(INNER)
    inner["States"]["In"]["Assign"] = {"x": 2}  # type: ignore[index]
    definition = definition_with(**MAP | {"ItemProcessor": inner, "Assign": {"x": 1}})
    return definition | {
        "States": {
            name: {k: v for k, v in state.items() if k != "Retry"}
            for name, state in definition["States"].items()
        }
    }


def distributed(**changes: Any) -> dict[str, Any]:
    """Return a Distributed Map whose child executions read a variable of their parent."""
    inner: dict[str, Any] = copy.deepcopy(INNER) | {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}
    inner["States"]["In"]["Output"] = "{% $x %}"
    return definition_with(Retry=None, **MAP | {"ItemProcessor": inner} | changes)


@pytest.mark.parametrize(
    ("definition", "problem"),
    [
        (definition_with(Comment=None), "no Comment"),
        (definition_with(TimeoutSeconds=None), "without TimeoutSeconds"),
        (definition_with(Retry=None), "without Retry"),
        (definition_with(Retry=[{"ErrorEquals": ["States.Timeout"]}]), "without jitter"),
        (definition_with(Retry=[{"ErrorEquals": ["States.ALL"]}]), "States.ALL"),
        (definition_with(Retry=[{"ErrorEquals": ["ModelTired"]}]), "neither ours nor AWS's"),
        (definition_with(Catch=[{"ErrorEquals": ["ModelRefused"], "Next": "Stop"}]), "to a Fail"),
        (definition_with(Arguments={"F": "${Erased}"}), "not substituted"),
        (definition_with(Arguments={"x": "{% $y %}"}), "nobody assigns $y"),
        (definition_with(Arguments={"x": "{% $states.result.x %}"}), "reads $states.result"),
        (definition_with(Output="{% $states.errorOutput.Error %}"), "reads $states.errorOutput"),
        (definition_with(Assign={"x": 1}, Output="{% $x %}"), "Output reads $x"),
        (definition_with(Arguments={"x": "{% 1 + %}"}), "is no JSONata"),
        (definition_with(Resource="arn:…:invoke.waitForTaskToken"), "hands to nobody"),
        (definition_with(**MAP | {"Retry": TASK["Retry"]}), "only a Task retries"),
        (inner_assign(), "assigns $x of the machine around it"),
        (definition_with(Type="Choice", Choices=[]), "a Choice without Default"),
        (distributed(), "a Distributed Map without ResultWriter"),
        (distributed(Assign={"x": 1}), "nobody assigns $x"),
    ],
)
def test_a_broken_rule_is_found(definition: dict[str, Any], problem: str) -> None:
    found = problems(definition)

    assert any(problem in line for line in found), found
