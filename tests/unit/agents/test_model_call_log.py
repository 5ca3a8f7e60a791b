"""Each model call is logged once, with OpenTelemetry's attribute names and without content."""

import io
import json
from typing import Any

import pytest

from coursewright.domain.errors import ModelError
from coursewright.domain.model_call import Agent
from coursewright.observability import logger
from coursewright.steps.write_solution import write_solution
from coursewright.steps.write_tests import write_tests
from tests.fakes.provider import ScriptedProvider, completion, failure
from tests.unit.agents.fixtures import (
    DRAFT,
    GENERATION,
    GOOD_SOLUTION,
    GOOD_TESTS,
    INVOCATION,
    LESSON,
    MODEL,
    PART,
    agent_fixture,
)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    written = io.StringIO()
    monkeypatch.setattr(logger.registered_handler, "stream", written)
    return written


def calls(log: io.StringIO) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line["message"] == "model_called"]


def test_a_call_is_logged_by_what_it_used(log: io.StringIO) -> None:
    with ScriptedProvider([completion(("save_tests", GOOD_TESTS))]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True)

        write_tests(PART, deps=fixture.deps, invocation=INVOCATION)

    (call,) = calls(log)
    (recorded,) = fixture.answers.calls(Agent.TESTS, GENERATION)
    assert call["gen_ai.provider.name"] == "openai"
    assert call["gen_ai.request.model"] == "scripted"
    assert call["gen_ai.usage.input_tokens"] == recorded.usage.input_tokens > 0
    assert call["gen_ai.usage.output_tokens"] == recorded.usage.output_tokens > 0
    assert call["gen_ai.response.finish_reasons"] == [recorded.stop_reason]
    assert (call["agent"], call["model"], call["round"]) == ("tests", MODEL, 1)
    assert (call["generation"], call["step"]) == (GENERATION, f"tests:{DRAFT}:0")
    assert (call["outcome"], call["seconds"]) == ("accepted", 0)


def test_neither_prompt_nor_answer_is_logged(log: io.StringIO) -> None:
    with ScriptedProvider([completion(("save_solution", GOOD_SOLUTION))]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True)

        write_solution(PART, deps=fixture.deps, invocation=INVOCATION)

    assert LESSON not in log.getvalue()
    assert "sum(numbers)" not in log.getvalue()


def test_a_call_without_an_answer_is_logged_with_its_error(log: io.StringIO) -> None:
    with ScriptedProvider([failure(429)]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True)

        with pytest.raises(ModelError):
            write_tests(PART, deps=fixture.deps, invocation=INVOCATION)

    (call,) = calls(log)
    assert call["outcome"] == "ModelThrottled"
    assert call["gen_ai.usage.output_tokens"] == 0
    assert call["gen_ai.response.finish_reasons"] == []
