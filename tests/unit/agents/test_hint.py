"""The hint agent's plain-text answer is stored in the schema's only field."""

from typing import Any

import pytest

from coursewright.domain.assignment import Authorship, DraftSolution
from coursewright.domain.errors import DraftMissing, ModelError, ModelOutputInvalid, ModelRefused
from coursewright.domain.model_call import Agent
from coursewright.steps.write_hint import HintTask, write_hint
from tests.fakes.formats import ScriptedReply
from tests.fakes.provider import ScriptedProvider, completion
from tests.unit.agents.fixtures import (
    DRAFT,
    GENERATION,
    INVOCATION,
    MODEL,
    AgentFixture,
    agent_fixture,
)
from tests.unit.agents.matrix import FORMATS

TASK = HintTask(generation=GENERATION, round=1, model=MODEL, draft=DRAFT, attempt=0)
SOLUTION = DraftSolution(
    draft=DRAFT,
    attempt=0,
    code="def total(numbers):\n    return sum(numbers)\n",
    explanation="It adds.",
    authorship=Authorship(prompt_set="p", prompt_sha256="s"),
)
GOOD = completion(content="  What is the sum\nof no numbers? ")


def hinted(
    *replies: ScriptedReply, **wire_format: Any
) -> tuple[ScriptedProvider, AgentFixture, ModelError | None]:
    with ScriptedProvider(replies) as provider:
        fixture = agent_fixture(provider.url, has_draft=True, **wire_format)
        fixture.drafts.save_solution(GENERATION, SOLUTION)
        fixture.drafts.saves = 0
        try:
            write_hint(TASK, deps=fixture.deps, invocation=INVOCATION)
        except ModelError as error:
            return provider, fixture, error
        return provider, fixture, None


@pytest.mark.parametrize("wire_format", FORMATS.values(), ids=FORMATS.keys())
def test_the_text_is_the_hint(wire_format: dict[str, Any]) -> None:
    provider, fixture, error = hinted(GOOD, **wire_format)

    hint = fixture.drafts.hint(GENERATION, DRAFT)
    assert error is None
    assert hint is not None
    assert hint.hint == "What is the sum of no numbers?"
    assert (provider.calls, fixture.drafts.saves) == (1, 1)
    assert not {"tools", "toolConfig"} & set(provider.requests[0].body)


@pytest.mark.parametrize("wire_format", FORMATS.values(), ids=FORMATS.keys())
@pytest.mark.parametrize(
    ("reply", "wanted"),
    [
        (completion(content="   "), ModelOutputInvalid),
        (completion(content="x" * 401), ModelOutputInvalid),
        (completion(content="Half a", finish="length"), ModelOutputInvalid),
        (completion(("save_hint", {"hint": "x"})), ModelOutputInvalid),
        (completion(content="", finish="content_filter"), ModelRefused),
    ],
)
def test_anything_but_a_short_hint_is_not_saved(
    wire_format: dict[str, Any], reply: ScriptedReply, wanted: type[ModelError]
) -> None:
    provider, fixture, error = hinted(reply, **wire_format)

    assert type(error) is wanted
    assert (provider.calls, fixture.drafts.saves) == (1, 0)


def test_a_hint_is_requested_once() -> None:
    with ScriptedProvider([GOOD]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True)
        fixture.drafts.save_solution(GENERATION, SOLUTION)

        for _ in range(2):
            write_hint(TASK, deps=fixture.deps, invocation=INVOCATION)

    assert provider.calls == 1
    assert len(fixture.answers.calls(Agent.HINT, GENERATION)) == 1


def test_a_model_without_tools_can_write_a_hint() -> None:
    _, fixture, error = hinted(GOOD, tool_calling=False, json_mode=True)

    assert error is None
    assert fixture.drafts.hint(GENERATION, DRAFT) is not None


def test_a_draft_without_a_solution_gets_no_hint() -> None:
    fixture = agent_fixture(has_draft=True)

    with pytest.raises(DraftMissing, match="has no solution"):
        write_hint(TASK, deps=fixture.deps, invocation=INVOCATION)
