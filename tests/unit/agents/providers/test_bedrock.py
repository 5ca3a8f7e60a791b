"""Bedrock's responses pass through the same validation as all others."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from coursewright.domain.errors import ModelError, ModelOutputInvalid, ModelRefused, ModelThrottled
from coursewright.domain.model_call import Agent, CallOutcome, Usage
from coursewright.steps.write_solution import write_solution
from tests.fakes.formats import Reply
from tests.fakes.provider import ScriptedProvider
from tests.unit.agents.fixtures import (
    GENERATION,
    GOOD_SOLUTION,
    INVOCATION,
    PART,
    AgentFixture,
    agent_fixture,
)

NOVA = "amazon.nova-pro-v1:0"


def converse(
    *calls: tuple[str, Mapping[str, Any]], text: str = "", stop: str = "tool_use"
) -> Reply:
    content: list[dict[str, Any]] = [{"text": text}] if text else []
    content += [
        {"toolUse": {"toolUseId": f"use_{at}", "name": name, "input": arguments}}
        for at, (name, arguments) in enumerate(calls)
    ]
    body = {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop,
        "usage": {
            "inputTokens": 36,
            "outputTokens": 20,
            "totalTokens": 120,
            "cacheReadInputTokens": 64,
        },
        "metrics": {"latencyMs": 12},
    }
    return Reply(body=json.dumps(body).encode())


GOOD = converse(("save_solution", GOOD_SOLUTION))
ROWS = {
    "prose": (converse(text="def …", stop="end_turn"), ModelOutputInvalid),
    "cut off": (converse(("save_solution", GOOD_SOLUTION), stop="max_tokens"), ModelOutputInvalid),
    "two calls": (converse(*[("save_solution", GOOD_SOLUTION)] * 2), ModelOutputInvalid),
    "unknown tool": (converse(("publish", {})), ModelOutputInvalid),
    "guardrail": (converse(text="no", stop="guardrail_intervened"), ModelRefused),
    "content filter": (converse(text="no", stop="content_filtered"), ModelRefused),
}


def bedrock_scene(url: str) -> AgentFixture:
    return agent_fixture(url, has_draft=True, provider="bedrock", name=NOVA, key="")


def test_a_good_answer_is_saved_with_its_usage() -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = bedrock_scene(provider.url)

        write_solution(PART, deps=fixture.deps, invocation=INVOCATION)

    (call,) = fixture.answers.calls(Agent.SOLUTION, GENERATION)
    assert (provider.calls, fixture.drafts.saves) == (1, 1)
    assert call.usage == Usage(input_tokens=100, cached_tokens=64, output_tokens=20)
    assert call.stop_reason == "tool_use"
    choice = provider.requests[0].body["toolConfig"]["toolChoice"]
    assert choice == {"tool": {"name": "save_solution"}}


@pytest.mark.parametrize(("reply", "expected"), ROWS.values(), ids=ROWS.keys())
def test_a_wrong_answer_costs_one_call_and_writes_nothing(
    reply: Reply, expected: type[ModelError]
) -> None:
    with ScriptedProvider([reply]) as provider:
        fixture = bedrock_scene(provider.url)

        with pytest.raises(expected):
            write_solution(PART, deps=fixture.deps, invocation=INVOCATION)

    (call,) = fixture.answers.calls(Agent.SOLUTION, GENERATION)
    assert (provider.calls, fixture.drafts.saves) == (1, 0)
    assert call.outcome is not CallOutcome.ACCEPTED


def test_throttling_is_reported_after_one_call() -> None:
    body = json.dumps({"__type": "ThrottlingException", "message": "slow down"}).encode()
    with ScriptedProvider([Reply(status=429, body=body)]) as provider:
        fixture = bedrock_scene(provider.url)

        with pytest.raises(ModelThrottled):
            write_solution(PART, deps=fixture.deps, invocation=INVOCATION)

        assert provider.calls == 1
