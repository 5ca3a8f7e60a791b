"""Scenarios B: models that fail, answer incorrectly or cost too much."""

import json
from datetime import timedelta
from typing import Any

import pytest

from coursewright.agents.deps import InvocationContext
from coursewright.domain.errors import (
    ModelCallInFlight,
    ModelError,
    ModelNotUsable,
    ModelOutputInvalid,
    ModelRefused,
)
from coursewright.domain.model_call import Agent, AnswerKey
from coursewright.settings import settings
from coursewright.steps.write_conditions import write_conditions
from tests.fakes.formats import ScriptedReply
from tests.fakes.provider import ScriptedProvider, completion, failure
from tests.scenarios.actions import (
    CAREFUL,
    QUICK,
    approve_all,
    failed_state,
    register,
    registry_entry,
)
from tests.unit.agents.fixtures import (
    CONDITIONS,
    GENERATION,
    INVOCATION,
    MODEL,
    agent_fixture,
    good_assignments,
)
from tests.workflow import moto_engine
from tests.workflow.conftest import Workflow

TOOL = "save_assignments"
GOOD = completion((TOOL, good_assignments()))
MALFORMED = completion((TOOL, '{"assignments": [{"name": "un'))
REFUSED = completion(refusal="I cannot help with that.")
KEY = AnswerKey(
    agent=Agent.CONDITIONS, generation=GENERATION, model=MODEL, round=1, step="conditions"
)


def retriers(workflow: Workflow) -> list[dict[str, Any]]:
    """Return the retriers of all states that call a model."""

    def states(machine: dict[str, Any]) -> Any:
        for name, state in machine["States"].items():
            yield name, state
            for inner in (state.get("ItemProcessor"), *state.get("Branches", [])):
                if inner:
                    yield from states(inner)

    asking = ("Write ", "Repair ")
    return [
        retrier
        for name, state in states(json.loads(workflow.definition))
        if name.startswith(asking)
        for retrier in state.get("Retry", [])
    ]


def test_scenario_10_a_throttled_model_is_waited_for_and_billed_once(workflow: Workflow) -> None:
    tries: list[int] = []

    def mend_after_two(event: dict[str, Any]) -> None:
        tries.append(1)
        if len(tries) == 3:
            workflow.practice.end_outages()

    workflow.practice.start_outage("practice-quick", status=429)
    moto_engine.interceptors["write_conditions"] = mend_after_two
    workflow.publish(workflow.event())
    approve_all(workflow)

    assert workflow.output()["status"] == "published"
    assert len(tries) == 3
    costs = [item for item in workflow.items("GENERATION#") if item["SK"]["S"].startswith("COST#")]
    assert len(costs) == sum(workflow.paid().values()) == 3
    waiting = [
        retrier for retrier in retriers(workflow) if "ModelThrottled" in retrier["ErrorEquals"]
    ]
    assert {state["JitterStrategy"] for state in waiting} == {"FULL"}
    assert {state["IntervalSeconds"] for state in waiting} == {15}


def test_scenario_11_an_outage_stops_at_its_task_and_redrive_pays_for_the_rest(
    workflow: Workflow,
) -> None:
    workflow.practice.start_outage("practice-quick", tool="save_solution")
    workflow.publish(workflow.event())
    failed = workflow.wait()
    place, before = failed_state(workflow), workflow.paid()
    workflow.practice.end_outages()

    workflow.redrive()
    approve_all(workflow)

    assert (failed["status"], failed["error"]) == ("FAILED", "ModelUnavailable")
    assert place == "Write solution"
    assert workflow.output()["status"] == "published"
    assert (sum(before.values()), sum(workflow.paid().values())) == (2, 3)
    assert set(workflow.paid().values()) == {1}


PERMANENT: list[tuple[str, ScriptedReply, str]] = [
    ("wrong key", failure(401), "SCRIPTED_KEY"),
    ("unknown model", failure(404, "model_not_found"), "scripted"),
    ("quota gone", failure(429, "insufficient_quota"), "quota"),
    (
        "context too long",
        failure(400, "context_length_exceeded", "context_length_exceeded"),
        "long",
    ),
]


@pytest.mark.parametrize(
    ("reply", "message"), [row[1:] for row in PERMANENT], ids=[row[0] for row in PERMANENT]
)
def test_scenario_12_an_operator_is_told_what_to_do(reply: ScriptedReply, message: str) -> None:
    with ScriptedProvider([reply]) as provider:
        fixture = agent_fixture(provider.url)

        with pytest.raises(ModelNotUsable, match=message):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert provider.calls == 1
    assert fixture.drafts.saves == 0


def test_scenario_12_errors_that_need_an_operator_are_not_retried(workflow: Workflow) -> None:
    retried = {name for retrier in retriers(workflow) for name in retrier["ErrorEquals"]}

    assert not retried & {"ModelNotUsable", "ModelOutputInvalid", "ModelRefused", "BudgetExceeded"}
    assert "States.ALL" not in retried


def test_scenario_13_malformed_json_is_repaired_once() -> None:
    with ScriptedProvider([MALFORMED, GOOD]) as provider:
        fixture = agent_fixture(provider.url)

        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert (provider.calls, fixture.drafts.saves) == (2, 1)


def test_scenario_13_malformed_json_twice_is_permanent() -> None:
    with ScriptedProvider([MALFORMED, MALFORMED, GOOD]) as provider:
        fixture = agent_fixture(provider.url)

        with pytest.raises(ModelOutputInvalid):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert (provider.calls, fixture.drafts.saves) == (2, 0)


def with_a_change(**changes: Any) -> dict[str, Any]:
    first, *others = good_assignments()["assignments"]
    return {"assignments": [first | changes, *others]}


UNUSABLE: dict[str, ScriptedReply] = {
    "wrong arguments": completion((TOOL, with_a_change(difficulty="hard"))),
    "an argument too many": completion((TOOL, with_a_change(owner="me"))),
    "unknown tool": completion(("publish_everything", {})),
    "two calls in one answer": completion((TOOL, good_assignments()), (TOOL, good_assignments())),
    "a good and a bad call": completion((TOOL, good_assignments()), ("delete_all", {})),
    "prose": completion(content="Here are two assignments: …"),
    "empty": completion(content=""),
    "cut by length": completion((TOOL, good_assignments()), finish="length"),
    "refusal": REFUSED,
    "content filter": completion(content="", finish="content_filter"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_scenario_14_an_unusable_answer_costs_one_call_and_writes_nothing(name: str) -> None:
    with ScriptedProvider([UNUSABLE[name], GOOD]) as provider:
        fixture = agent_fixture(provider.url)

        with pytest.raises(ModelError) as caught:
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    expected = ModelRefused if name in ("refusal", "content filter") else ModelOutputInvalid
    assert type(caught.value) is expected
    assert (provider.calls, fixture.drafts.saves) == (1, 0)


def test_scenario_14_a_model_that_refuses_is_skipped_and_the_others_go_on(
    workflow: Workflow,
) -> None:
    with ScriptedProvider([REFUSED]) as provider:
        register(registry_entry("openai:shy", provider.url))
        workflow.publish(workflow.event(models=["openai:shy", QUICK]))
        approve_all(workflow)

        output = workflow.output()

    outcomes = {outcome["model"]: outcome["outcome"] for outcome in output["outcomes"]}
    assert output["status"] == "published"
    assert (outcomes["openai:shy"], provider.calls) == ("refused", 1)
    assert outcomes[QUICK] == "written"


def test_scenario_15_a_model_that_calls_tools_without_end_is_asked_once() -> None:
    endless = completion((TOOL, good_assignments()), ("search", {}), ("search", {}))
    with ScriptedProvider([endless]) as provider:
        fixture = agent_fixture(provider.url)

        with pytest.raises(ModelOutputInvalid):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert (provider.calls, fixture.drafts.saves) == (1, 0)


def test_scenario_17_a_lease_that_ran_out_is_taken_over_and_its_holder_refused() -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url)
        now = fixture.clock.now()
        until = now + timedelta(seconds=INVOCATION.seconds_left)
        fixture.answers.start(KEY, lease="timed out", now=now, until=until)
        with pytest.raises(ModelCallInFlight):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)
        fixture.clock.move(INVOCATION.seconds_left + 1)

        write_conditions(
            CONDITIONS,
            deps=fixture.deps,
            invocation=InvocationContext(lease="retry", seconds_left=60),
        )

    stored = fixture.answers.accepted(KEY)
    assert stored is not None
    with pytest.raises(ModelCallInFlight):
        fixture.answers.accept(KEY, stored, lease="timed out")
    assert (provider.calls, fixture.drafts.saves) == (1, 1)


def test_scenario_18_a_used_up_budget_stops_before_any_call_and_a_raised_one_goes_on(
    workflow: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONTHLY_BUDGET_USD", "0.0001")
    settings.cache_clear()
    workflow.publish(workflow.event(models=[CAREFUL]))
    failed = workflow.wait()
    calls = dict(workflow.paid())
    monkeypatch.setenv("MONTHLY_BUDGET_USD", "10")
    settings.cache_clear()

    workflow.redrive()
    approve_all(workflow)

    assert (failed["status"], failed["error"], calls) == ("FAILED", "BudgetExceeded", {})
    assert "MonthlyBudgetUsd" in failed["cause"]
    assert workflow.output()["status"] == "published"
    reserved = [
        item for item in workflow.items("BUDGET#") if item["SK"]["S"].startswith("RESERVED#")
    ]
    assert len(reserved) == 1
    settings.cache_clear()
