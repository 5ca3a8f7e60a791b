"""Whatever a model returns, one answer is validated, paid for once and saved once."""

from datetime import timedelta
from typing import Any

import pytest

from coursewright.agents.deps import InvocationContext
from coursewright.domain.errors import (
    DraftConflict,
    ModelCallInFlight,
    ModelDisabled,
    ModelError,
    ModelNotUsable,
    ModelOutputInvalid,
    ModelRefused,
    ModelThrottled,
)
from coursewright.domain.model_call import Agent, AnswerKey, CallOutcome, ModelCall, Usage
from coursewright.steps.write_conditions import write_conditions
from coursewright.steps.write_tests import write_tests
from tests.fakes.formats import ScriptedReply
from tests.fakes.provider import ScriptedProvider, completion, failure
from tests.unit.agents.fixtures import (
    CONDITIONS,
    GENERATION,
    GOOD_TESTS,
    INVOCATION,
    MODEL,
    PART,
    AgentFixture,
    agent_fixture,
    draft,
    good_assignments,
)

TOOL = "save_assignments"
GOOD = completion((TOOL, good_assignments()))
MALFORMED = completion((TOOL, '{"assignments": [{"name": "un'))
KEY = AnswerKey(
    agent=Agent.CONDITIONS, generation=GENERATION, model=MODEL, round=1, step="conditions"
)


def assignments_with(**changes: Any) -> dict[str, Any]:
    first, *others = good_assignments()["assignments"]
    return {"assignments": [first | changes, *others]}


def nested(depth: int) -> str:
    """Return arguments with lists within one another."""
    return '{"assignments": ' + "[" * depth + "]" * depth + "}"


WRONG_ANSWERS = {
    "wrong type": completion((TOOL, assignments_with(difficulty="3"))),
    "missing field": completion((TOOL, {"assignments": [{"name": "x"}, {"name": "y"}]})),
    "unknown field": completion((TOOL, assignments_with(agent="admin"))),
    "too few": completion((TOOL, good_assignments(1))),
    "too many": completion((TOOL, good_assignments(3))),
    "list as text": completion((TOOL, {"assignments": "[]"})),
    "no object": completion((TOOL, "[1]")),
    "nested deeply": completion((TOOL, nested(900))),
    "half a character": completion((TOOL, assignments_with(name="\ud800"))),
    "unsafe file name": completion((TOOL, assignments_with(file_name="../solution.py"))),
    "standard module": completion((TOOL, assignments_with(file_name="sys.py"))),
    "half a character in a tool's name": completion(("\ud800", {})),
    "unknown tool": completion(("publish", {})),
    "two calls": completion((TOOL, good_assignments()), (TOOL, good_assignments())),
    "good and unknown": completion((TOOL, good_assignments()), ("publish", {})),
    "good and malformed": completion((TOOL, good_assignments()), (TOOL, "{")),
    "two malformed": completion((TOOL, "{"), (TOOL, "{")),
    "malformed unknown tool": completion(("publish", "{")),
    "prose": completion(content="Here are two assignments: …"),
    "empty": completion(content=""),
    "nothing": completion(),
    "cut off": completion((TOOL, good_assignments()), finish="length"),
    "cut off and malformed": completion((TOOL, "{"), finish="length"),
    "unknown end": completion((TOOL, good_assignments()), finish="oops"),
    "no end": completion((TOOL, good_assignments()), finish=None),
}
REFUSALS = {
    "refusal": completion(refusal="I will not."),
    "refusal with a call": completion((TOOL, good_assignments()), refusal="I will not."),
    "content filter": completion(content="", finish="content_filter"),
}


def calls_of(fixture: AgentFixture) -> tuple[ModelCall, ...]:
    return fixture.answers.calls(Agent.CONDITIONS, GENERATION)


def test_a_good_answer_is_saved_after_one_call() -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url)

        result = write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert result == {"drafts": [f"{MODEL}/r1/d1", f"{MODEL}/r1/d2"]}
    assert (provider.calls, fixture.drafts.saves) == (1, 1)
    first = fixture.drafts.get(GENERATION, f"{MODEL}/r1/d1")
    assert (first.name, first.file_name, first.concepts) == ("Sum 1", "solution.py", ())
    assert first.authorship.prompt_sha256 in fixture.answers.prompts


def test_a_paid_call_is_recorded_with_its_usage() -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url)

        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    (call,) = calls_of(fixture)
    assert call.outcome is CallOutcome.ACCEPTED
    assert call.usage == Usage(input_tokens=100, cached_tokens=64, output_tokens=20)
    assert (call.stop_reason, call.request_id) == ("tool_calls", "req-1")
    assert call.prompt_sha256 in fixture.answers.prompts


def test_the_only_tool_is_forced() -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url)

        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    body = provider.requests[0].body
    assert body["tool_choice"]["function"]["name"] == TOOL
    assert [tool["function"]["name"] for tool in body["tools"]] == [TOOL]
    listed = body["tools"][0]["function"]["parameters"]["properties"]["assignments"]
    assert (listed["minItems"], listed["maxItems"]) == (2, 2)


@pytest.mark.parametrize("reply", WRONG_ANSWERS.values(), ids=WRONG_ANSWERS.keys())
def test_a_wrong_answer_costs_one_call_and_writes_nothing(reply: ScriptedReply) -> None:
    with ScriptedProvider([reply]) as provider:
        fixture = agent_fixture(provider.url)

        with pytest.raises(ModelOutputInvalid):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert (provider.calls, fixture.drafts.saves) == (1, 0)
    (call,) = calls_of(fixture)
    assert (call.outcome, call.usage.output_tokens) == (CallOutcome.INVALID, 20)
    assert call.model_dump_json()
    assert call.problem
    assert fixture.answers.accepted(KEY) is None


@pytest.mark.parametrize("arguments", ["[" * 200_000, *map(nested, (2_000, 20_000, 200_000))])
def test_arguments_nested_too_deeply_are_invalid_and_write_nothing(arguments: str) -> None:
    with ScriptedProvider([completion((TOOL, arguments))]) as provider:
        fixture = agent_fixture(provider.url)

        with pytest.raises(ModelOutputInvalid):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert fixture.drafts.saves == 0


@pytest.mark.parametrize("reply", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_costs_one_call_and_writes_nothing(reply: ScriptedReply) -> None:
    with ScriptedProvider([reply]) as provider:
        fixture = agent_fixture(provider.url)

        with pytest.raises(ModelRefused):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert (provider.calls, fixture.drafts.saves) == (1, 0)
    assert [call.outcome for call in calls_of(fixture)] == [CallOutcome.REFUSED]


def test_an_invalid_answer_is_explained_in_a_sentence() -> None:
    with ScriptedProvider([WRONG_ANSWERS["wrong type"]]) as provider:
        fixture = agent_fixture(provider.url)

        with pytest.raises(ModelOutputInvalid) as caught:
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert str(caught.value) == "assignments.0.difficulty: Input should be a valid integer."
    (call,) = calls_of(fixture)
    assert "Sum 2" in fixture.answers.responses[call.answer_sha256]


def test_malformed_json_is_requested_once_more() -> None:
    with ScriptedProvider([MALFORMED, GOOD]) as provider:
        fixture = agent_fixture(provider.url)

        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert (provider.calls, fixture.drafts.saves) == (2, 1)
    assert "not valid JSON" in provider.prompt(1)
    (call,) = calls_of(fixture)
    assert call.outcome is CallOutcome.ACCEPTED
    assert call.usage == Usage(input_tokens=200, cached_tokens=128, output_tokens=40)


def test_malformed_json_is_requested_again_only_once() -> None:
    with ScriptedProvider([MALFORMED]) as provider:
        fixture = agent_fixture(provider.url)

        with pytest.raises(ModelOutputInvalid, match="not valid JSON"):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert (provider.calls, fixture.drafts.saves) == (2, 0)
    (call,) = calls_of(fixture)
    assert (call.outcome, call.usage.input_tokens) == (CallOutcome.INVALID, 200)


def test_a_retry_without_enough_time_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedProvider([MALFORMED, GOOD]) as provider:
        fixture = agent_fixture(provider.url)
        start = fixture.answers.start

        def start_and_wait(*given: Any, **named: Any) -> None:
            start(*given, **named)
            fixture.clock.move(31)

        monkeypatch.setattr(fixture.answers, "start", start_and_wait)

        with pytest.raises(ModelOutputInvalid):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert provider.calls == 1
    assert [call.seconds for call in calls_of(fixture)] == [31.0]


def test_an_outage_during_the_retry_still_records_the_cost() -> None:
    with ScriptedProvider([MALFORMED, failure(429), GOOD]) as provider:
        fixture = agent_fixture(provider.url)

        with pytest.raises(ModelThrottled):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)
        write_conditions(
            CONDITIONS, deps=fixture.deps, invocation=InvocationContext(lease="2", seconds_left=60)
        )

    outcomes = [call.outcome for call in calls_of(fixture)]
    assert outcomes == [CallOutcome.INVALID, CallOutcome.ACCEPTED]
    assert provider.calls == 3


def test_a_model_that_keeps_calling_tools_is_called_once() -> None:
    with ScriptedProvider([GOOD, GOOD, GOOD]) as provider:
        fixture = agent_fixture(provider.url)

        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert (provider.calls, fixture.drafts.saves) == (1, 1)


def test_a_second_execution_reuses_the_answer_without_a_call() -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url)

        first = write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)
        again = write_conditions(
            CONDITIONS, deps=fixture.deps, invocation=InvocationContext(lease="2", seconds_left=60)
        )

    assert first == again
    assert (provider.calls, len(calls_of(fixture))) == (1, 1)


def test_an_answer_that_was_accepted_but_not_saved_is_saved_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url)
        with monkeypatch.context() as patch:
            patch.setattr(fixture.drafts, "save_drafts", _crash)
            with pytest.raises(OSError, match="crash"):
                write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)
        monkeypatch.setattr("coursewright.agents.agent.prompt_set", lambda: "changed")

        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)
        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert provider.calls == 1
    assert fixture.drafts.get(GENERATION, f"{MODEL}/r1/d2").authorship.prompt_set != "changed"


def test_different_content_under_the_same_id_is_a_conflict() -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True)

        with pytest.raises(DraftConflict):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

        assert provider.calls == 1
    assert fixture.drafts.of_round(GENERATION, 1) == (draft(),)


def test_a_call_in_flight_is_not_made_twice() -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url)
        _hold(fixture, "other", seconds=60)

        with pytest.raises(ModelCallInFlight):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

        assert provider.calls == 0


def test_an_expired_lease_is_taken_over() -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url)
        _hold(fixture, "other", seconds=60)
        fixture.clock.move(61)

        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert (provider.calls, fixture.drafts.saves) == (1, 1)


def test_a_call_that_lost_its_lease_records_only_its_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url)
        accept = fixture.answers.accept

        def lose_and_accept(*given: Any, **named: Any) -> None:
            fixture.clock.move(61)
            _hold(fixture, "other", seconds=60)
            accept(*given, **named)

        monkeypatch.setattr(fixture.answers, "accept", lose_and_accept)

        with pytest.raises(ModelCallInFlight):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert fixture.drafts.saves == 0
    assert [call.outcome for call in calls_of(fixture)] == [CallOutcome.INVALID]
    with pytest.raises(ModelCallInFlight):
        _hold(fixture, "third", seconds=60)


@pytest.mark.parametrize(
    "reply", [failure(429), failure(503), failure(401), failure(400, "content_filter")]
)
def test_a_call_without_an_answer_is_not_billed_and_frees_the_lease(
    reply: ScriptedReply,
) -> None:
    with ScriptedProvider([reply, GOOD]) as provider:
        fixture = agent_fixture(provider.url)

        with pytest.raises(ModelError):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)
        write_conditions(
            CONDITIONS, deps=fixture.deps, invocation=InvocationContext(lease="2", seconds_left=60)
        )

    assert [call.outcome for call in calls_of(fixture)] == [CallOutcome.ACCEPTED]


def test_a_disabled_model_is_not_called() -> None:
    fixture = agent_fixture(disabled=True)

    with pytest.raises(ModelDisabled):
        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)


def test_an_unknown_model_is_reported_with_the_known_ones() -> None:
    fixture = agent_fixture()
    task = CONDITIONS.model_copy(update={"model": "openai:gone"})

    with pytest.raises(ModelNotUsable, match=f"openai:gone .* known models: {MODEL}"):
        write_conditions(task, deps=fixture.deps, invocation=INVOCATION)


def test_instructions_in_a_lesson_change_neither_tools_nor_secrets() -> None:
    with ScriptedProvider([completion(("save_tests", GOOD_TESTS))]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True)

        write_tests(PART, deps=fixture.deps, invocation=INVOCATION)

    sent = str(provider.requests[0].body)
    assert [tool["function"]["name"] for tool in provider.requests[0].body["tools"]] == [
        "save_tests"
    ]
    assert "sk-scripted" not in sent


def _hold(fixture: AgentFixture, lease: str, *, seconds: float) -> None:
    now = fixture.clock.now()
    fixture.answers.start(KEY, lease=lease, now=now, until=now + timedelta(seconds=seconds))


def _crash(*_: object) -> None:
    raise OSError("crash")
