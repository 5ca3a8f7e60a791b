"""In `explore` mode, an agent makes a few read calls, each paid for once, and writes once."""

from collections.abc import Sequence
from typing import Any

import pytest

from coursewright.domain.brief import MAX_READ_CALLS
from coursewright.domain.errors import ModelError, ModelOutputInvalid, ModelUnavailable
from coursewright.domain.model_call import Agent
from coursewright.steps.write_conditions import write_conditions
from coursewright.steps.write_tests import write_tests
from tests.contracts.records_published import assignment
from tests.fakes.formats import ScriptedReply
from tests.fakes.provider import ScriptedProvider, completion, failure
from tests.unit.agents.fixtures import (
    CONDITIONS,
    GENERATION,
    GOOD_TESTS,
    INVOCATION,
    LESSON,
    PART,
    AgentFixture,
    agent_fixture,
    good_assignments,
)
from tests.unit.agents.matrix import FORMATS

GOOD = completion(("save_assignments", good_assignments()))
READ = completion(("read_lesson", {"part": 1}))
PUBLISHED = completion(("list_published", {}))
OWN = completion(("list_own_drafts", {}))
EXPLORE = {"mode": "explore"}


def explored(
    replies: Sequence[ScriptedReply], **wire_format: Any
) -> tuple[ScriptedProvider, AgentFixture, ModelError | None]:
    with ScriptedProvider(replies) as provider:
        fixture = agent_fixture(provider.url, options=EXPLORE, **wire_format)
        try:
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)
        except ModelError as error:
            return provider, fixture, error
        return provider, fixture, None


@pytest.mark.parametrize("wire_format", FORMATS.values(), ids=FORMATS.keys())
def test_read_calls_come_before_the_answer(wire_format: dict[str, Any]) -> None:
    provider, fixture, error = explored([READ, PUBLISHED, OWN, GOOD], **wire_format)

    assert error is None
    assert (provider.calls, fixture.drafts.saves) == (4, 1)
    steps = [call.step for call in fixture.answers.calls(Agent.CONDITIONS, GENERATION)]
    assert steps == ["conditions~0", "conditions~1", "conditions~2", "conditions"]


def test_the_result_of_a_read_call_is_sent_to_the_model() -> None:
    provider, _, _ = explored([READ, OWN, GOOD])

    answers = [
        message["content"]
        for message in provider.requests[-1].body["messages"]
        if message["role"] == "tool"
    ]
    assert "Part 1 of 1:" in answers[0]
    assert LESSON in answers[0]
    assert answers[1] == "There are none."


def test_published_assignments_are_shown_without_their_solutions() -> None:
    with ScriptedProvider([PUBLISHED, GOOD]) as provider:
        fixture = agent_fixture(provider.url, options=EXPLORE)
        changes = {"course": "basics", "module": "loops", "solution": "return 42"}
        published = assignment("a").model_copy(update=changes)
        fixture.assignments.publish(GENERATION, (published,))

        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    tool_result = str(provider.requests[-1].body["messages"][-1]["content"])
    assert published.name in tool_result
    assert published.solution not in tool_result


def test_after_six_read_calls_the_model_has_to_write() -> None:
    provider, fixture, error = explored([READ] * MAX_READ_CALLS + [GOOD])

    choices = [request.body["tool_choice"] for request in provider.requests]
    assert error is None
    assert choices[:-1] == ["required"] * MAX_READ_CALLS
    assert choices[-1] == {"type": "function", "function": {"name": "save_assignments"}}
    assert fixture.drafts.saves == 1


@pytest.mark.parametrize(
    ("replies", "calls"),
    [
        ([READ] * (MAX_READ_CALLS + 1), MAX_READ_CALLS + 1),
        ([completion(*[("read_lesson", {"part": 1})] * (MAX_READ_CALLS + 1))], 1),
        ([completion(("read_lesson", {"part": "all"}))], 1),
        ([completion(("read_lesson", {"path": "/etc/passwd"}))], 1),
        ([completion(("read_lesson", {}), ("save_assignments", good_assignments()))], 1),
        ([READ, completion(("publish_assignments", {}))], 2),
        ([READ, completion(content="Enough read.")], 2),
    ],
)
def test_exceeding_the_limit_ends_the_task_and_saves_nothing(
    replies: Sequence[ScriptedReply], calls: int
) -> None:
    provider, fixture, error = explored(replies)

    assert isinstance(error, ModelOutputInvalid)
    assert (provider.calls, fixture.drafts.saves) == (calls, 0)


def test_an_interrupted_task_resumes_without_paying_a_read_call_twice() -> None:
    with ScriptedProvider([READ, PUBLISHED, failure(503), GOOD]) as provider:
        fixture = agent_fixture(provider.url, options=EXPLORE)
        with pytest.raises(ModelUnavailable):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)
        write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    steps = [call.step for call in fixture.answers.calls(Agent.CONDITIONS, GENERATION)]
    assert provider.calls == 4
    assert steps == ["conditions~0", "conditions~1", "conditions"]
    assert len(provider.requests[2].body["messages"]) == len(provider.requests[3].body["messages"])


def test_the_other_agents_have_one_tool_in_every_mode() -> None:
    with ScriptedProvider([completion(("save_tests", GOOD_TESTS))]) as provider:
        fixture = agent_fixture(provider.url, options=EXPLORE, has_draft=True)

        write_tests(PART, deps=fixture.deps, invocation=INVOCATION)

    assert [tool["function"]["name"] for tool in provider.requests[0].body["tools"]] == [
        "save_tests"
    ]


def test_the_default_mode_offers_no_read_tools() -> None:
    with ScriptedProvider([READ]) as provider:
        fixture = agent_fixture(provider.url)

        with pytest.raises(ModelOutputInvalid, match="got: read_lesson"):
            write_conditions(CONDITIONS, deps=fixture.deps, invocation=INVOCATION)

    assert provider.calls == 1
