"""Repeated prompt parts are marked for caching, and equal tasks send equal requests."""

import json
from dataclasses import replace
from typing import Any

import pytest

from coursewright.agents.prompt_builder import prompt_for_tests, shared_opening
from coursewright.domain.errors import BudgetExceeded
from coursewright.steps.write_tests import write_tests
from tests.fakes.provider import ScriptedProvider, completion
from tests.unit.agents.fixtures import (
    DRAFT,
    GOOD_TESTS,
    INVOCATION,
    LESSON,
    PART,
    agent_fixture,
    draft,
    request,
)
from tests.unit.agents.matrix import FORMATS

GOOD = completion(("save_tests", GOOD_TESTS))


def sent(wire_format: dict[str, Any], *, number: int = 1, **changes: Any) -> dict[str, Any]:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url, **({"prompt_caching": True} | wire_format | changes))
        fixture.drafts.save_drafts((draft(number=number),))
        task = PART.model_copy(update={"draft": DRAFT[:-1] + str(number)})
        write_tests(task, deps=fixture.deps, invocation=INVOCATION)
    return provider.requests[0].body


@pytest.mark.parametrize("wire_format", FORMATS.values(), ids=FORMATS.keys())
def test_a_repeated_task_sends_a_byte_identical_request(
    wire_format: dict[str, Any],
) -> None:
    first, again = sent(wire_format), sent(wire_format)

    assert json.dumps(first) == json.dumps(again)


def test_the_shared_part_ends_where_the_draft_begins() -> None:
    prompt = prompt_for_tests(shared_opening(request(), LESSON), draft())

    assert prompt.task[: prompt.shared].rstrip().endswith(">")
    assert LESSON in prompt.task[: prompt.shared]
    assert "# The assignment to test" in prompt.task[prompt.shared :]


def test_anthropic_gets_two_cache_markers() -> None:
    body = sent(FORMATS["Anthropic"])

    marked = [*body["system"], *body["messages"][0]["content"]]
    assert [block.get("cache_control") for block in marked] == [
        {"type": "ephemeral"},
        {"type": "ephemeral"},
        None,
    ]


def test_bedrock_gets_two_cache_points() -> None:
    body = sent(FORMATS["Bedrock Converse"])

    blocks = [*body["system"], *body["messages"][0]["content"]]
    assert [next(iter(block)) for block in blocks] == [
        *("text", "cachePoint", "text", "cachePoint", "text"),
    ]


def test_openai_gets_one_cache_key_per_generation() -> None:
    first, second = (sent(FORMATS["OpenAI chat"], number=number) for number in (1, 2))

    assert first["prompt_cache_key"] == second["prompt_cache_key"]
    assert first["prompt_cache_key"].startswith("coursewright-")
    assert len(first["prompt_cache_key"]) <= 64


def test_drafts_of_a_generation_begin_with_the_same_request() -> None:
    first, second = (sent(FORMATS["Anthropic"], number=number) for number in (1, 2))

    assert first["system"] == second["system"]
    assert first["messages"][0]["content"][0] == second["messages"][0]["content"][0]


@pytest.mark.parametrize("wire_format", FORMATS.values(), ids=FORMATS.keys())
def test_a_model_without_prompt_caching_gets_no_markers(
    wire_format: dict[str, Any],
) -> None:
    body = json.dumps(sent(wire_format, prompt_caching=False))

    assert not [
        word for word in ("cache_control", "cachePoint", "prompt_cache_key") if word in body
    ]


def test_an_answer_is_limited_to_what_the_prompt_leaves() -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True, max_output_tokens=150_000)
        narrow = replace(fixture.deps, max_call_tokens=20_000)

        write_tests(PART, deps=narrow, invocation=INVOCATION)

    assert 10_000 < provider.requests[0].body["max_completion_tokens"] < 20_000


def test_a_prompt_that_leaves_no_room_is_never_sent() -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True)
        small = replace(fixture.deps, max_call_tokens=2_000)

        with pytest.raises(BudgetExceeded, match="raise MaxCallTokens and redrive"):
            write_tests(PART, deps=small, invocation=INVOCATION)

    assert provider.calls == 0
