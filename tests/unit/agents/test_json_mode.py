"""Models that return an object instead of a tool call use the same schema and ledger."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from coursewright.agents.providers import responses
from coursewright.domain.errors import ModelError, ModelNotUsable, ModelOutputInvalid, ModelRefused
from coursewright.domain.model_call import Agent
from coursewright.steps.write_solution import write_solution
from tests.fakes.formats import ScriptedReply
from tests.fakes.provider import ScriptedProvider, completion
from tests.unit.agents.fixtures import (
    GENERATION,
    GOOD_SOLUTION,
    INVOCATION,
    PART,
    AgentFixture,
    agent_fixture,
)
from tests.unit.agents.matrix import FORMATS

OBJECT = json.dumps(GOOD_SOLUTION)
GOOD = completion(content=OBJECT)
JSON_ONLY: dict[str, Any] = {"tool_calling": False, "json_mode": True}
SCHEMA: dict[str, Any] = {"structured_output": "schema"}
every_format = pytest.mark.parametrize("wire_format", FORMATS.values(), ids=FORMATS.keys())
both_modes = pytest.mark.parametrize("mode", [JSON_ONLY, SCHEMA], ids=["json", "schema"])


def solved(
    replies: Sequence[ScriptedReply], **changes: Any
) -> tuple[ScriptedProvider, AgentFixture, ModelError | None]:
    with ScriptedProvider(replies) as provider:
        fixture = agent_fixture(provider.url, has_draft=True, **(JSON_ONLY | changes))
        try:
            write_solution(PART, deps=fixture.deps, invocation=INVOCATION)
        except ModelError as error:
            return provider, fixture, error
        return provider, fixture, None


@both_modes
@every_format
def test_one_object_is_one_call_and_one_save(
    wire_format: dict[str, Any], mode: dict[str, Any]
) -> None:
    provider, fixture, error = solved([GOOD], **(wire_format | mode))

    assert error is None
    assert (provider.calls, fixture.drafts.saves) == (1, 1)
    assert not {"tools", "toolConfig", "tool_choice"} & set(provider.requests[0].body)
    (call,) = fixture.answers.calls(Agent.SOLUTION, GENERATION)
    assert call.usage.input_tokens > 0


@both_modes
@every_format
@pytest.mark.parametrize(
    ("replies", "calls", "saves", "wanted"),
    [
        ((completion(content='{"code": "x'), GOOD), 2, 1, None),
        ((completion(content='{"code": "x'),) * 2, 2, 0, ModelOutputInvalid),
        ((completion(content="Here is what I would write."),), 1, 0, ModelOutputInvalid),
        ((completion(content="[1, 2]"),), 1, 0, ModelOutputInvalid),
        ((completion(content='{"code": 3, "explanation": ""}'),), 1, 0, ModelOutputInvalid),
        ((completion(content='{"code": "x"}'),), 1, 0, ModelOutputInvalid),
        ((completion(content=OBJECT[:-1] + ', "agent": "x"}'),), 1, 0, ModelOutputInvalid),
        ((completion(content=OBJECT, finish="length"),), 1, 0, ModelOutputInvalid),
        ((completion(("save_solution", GOOD_SOLUTION)),), 1, 0, ModelOutputInvalid),
        ((completion(content=""),), 1, 0, ModelOutputInvalid),
        ((completion(content="", finish="content_filter"),), 1, 0, ModelRefused),
        ((completion(refusal="I will not."),), 1, 0, ModelRefused),
    ],
)
def test_anything_but_the_object_is_not_saved(
    wire_format: dict[str, Any],
    mode: dict[str, Any],
    replies: Sequence[ScriptedReply],
    calls: int,
    saves: int,
    wanted: type[ModelError] | None,
) -> None:
    provider, fixture, error = solved(replies, **(wire_format | mode))

    assert (provider.calls, fixture.drafts.saves) == (calls, saves)
    (call,) = fixture.answers.calls(Agent.SOLUTION, GENERATION)
    assert call.usage.output_tokens == 20 * calls
    assert type(error) is (wanted or type(None))


@both_modes
@pytest.mark.parametrize("around", ["```json\n{}\n```", "```\n{}\n```", "\n\n  {}  \n"])
def test_a_code_fence_around_the_object_is_removed(around: str, mode: dict[str, Any]) -> None:
    reply = completion(content=around.replace("{}", OBJECT))

    provider, fixture, error = solved([reply], **mode)

    assert (provider.calls, fixture.drafts.saves, error) == (1, 1, None)


def test_the_prompt_contains_the_schema() -> None:
    provider, fixture, _ = solved([GOOD])

    prompt = provider.prompt()
    assert "# How to answer" in prompt
    assert '"explanation"' in prompt
    assert provider.requests[0].body["response_format"] == {"type": "json_object"}
    assert [*fixture.answers.prompts.values()] == [prompt]


def test_a_brief_may_request_json_from_a_model_with_tools() -> None:
    options = {"mode": "json"}

    provider, fixture, error = solved([GOOD], options=options, tool_calling=True, json_mode=False)

    assert (fixture.drafts.saves, error) == (1, None)
    assert "tools" not in provider.requests[0].body
    assert "response_format" not in provider.requests[0].body


@both_modes
def test_an_accepted_object_is_saved_again_without_a_call(mode: dict[str, Any]) -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True, **mode)
        write_solution(PART, deps=fixture.deps, invocation=INVOCATION)

        write_solution(PART, deps=fixture.deps, invocation=INVOCATION)

    assert (provider.calls, fixture.drafts.saves) == (1, 2)


def test_a_brief_may_request_json_from_a_model_bound_by_schema() -> None:
    provider, fixture, error = solved([GOOD], options={"mode": "json"}, json_mode=True, **SCHEMA)

    assert (fixture.drafts.saves, error) == (1, None)
    assert provider.requests[0].body["response_format"] == {"type": "json_object"}


def test_a_model_bound_by_schema_needs_no_tools() -> None:
    provider, fixture, error = solved([GOOD], tool_calling=False, json_mode=False, **SCHEMA)

    assert (provider.calls, fixture.drafts.saves, error) == (1, 1, None)
    assert "# How to answer" not in provider.prompt()


def test_a_model_with_neither_mode_is_refused_before_any_call() -> None:
    provider, _, error = solved([GOOD], json_mode=False)

    assert isinstance(error, ModelNotUsable)
    assert "or at least JSON mode" in str(error)
    assert provider.calls == 0


def test_deeply_nested_brackets_are_not_a_crash() -> None:
    call = responses.ToolCall(name="save_tests", arguments="[" * 200_000)

    assert call.is_malformed
