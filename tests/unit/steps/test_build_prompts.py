"""A round's prompts are built before it is paid, and the agents send what was built."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coursewright.agents import prompt_templates
from coursewright.agents.built_prompts import BuiltPrompt, BuiltText, load_prompt
from coursewright.agents.cost_estimate import longest_prompt
from coursewright.agents.model_registry import Registry
from coursewright.agents.prompt_builder import prompt_for_conditions, shared_opening
from coursewright.agents.prompt_templates import prompt_set
from coursewright.domain.brief import MAX_DRAFTS
from coursewright.domain.budget import MIN_ANSWER_TOKENS
from coursewright.domain.errors import PromptTooLong
from coursewright.domain.generation import Generation, GenerationStatus
from coursewright.domain.model_call import IMPORTED, Agent
from coursewright.steps.build_prompts import BuildPromptsDeps, PromptsTask, build_prompts
from coursewright.steps.write_conditions import write_conditions
from coursewright.steps.write_tests import write_tests
from tests.fakes.memory_agents import MemoryGenerations
from tests.fakes.provider import ScriptedProvider, completion
from tests.unit.agents.fixtures import (
    CONDITIONS,
    GENERATION,
    GOOD_TESTS,
    INVOCATION,
    LESSON,
    MODEL,
    NOW,
    PART,
    AgentFixture,
    agent_fixture,
    changes_requested,
    entry,
    good_assignments,
    request,
)

FIRST_ROUND = PromptsTask(generation=GENERATION, round=1)
SECOND_ROUND = PromptsTask(generation=GENERATION, round=2, notes=f"REVIEW#{GENERATION}#1")
ASSIGNMENTS = completion(("save_assignments", good_assignments()))
TESTS = completion(("save_tests", GOOD_TESTS))


def deps(fixture: AgentFixture, *, models: tuple[str, ...] = (), **entries: Any) -> Any:
    generations = fixture.deps.generations
    if models:
        asked = request().model_copy(update={"models": models})
        generations = MemoryGenerations(
            Generation(
                request=asked, status=GenerationStatus.RUNNING, started_at=NOW, execution="run"
            )
        )
    return BuildPromptsDeps(
        generations=generations,
        lessons=fixture.deps.lessons,
        drafts=fixture.drafts,
        reviews=fixture.reviews,
        models=Registry([entry(id=f"openai:{name}", **own) for name, own in entries.items()]),
        built_prompts=fixture.built_prompts,
    )


def built(fixture: AgentFixture, task: PromptsTask = FIRST_ROUND) -> tuple[BuiltPrompt, BuiltText]:
    result = build_prompts(task, deps=deps(fixture))
    prompt = BuiltPrompt.model_validate(result["prompts"][0]["prompt"])
    return prompt, BuiltText.model_validate(result["opening"])


@pytest.fixture
def fixed_prompts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield the folder of a second prompt set, which is deployed when its caches are cleared."""
    folder = tmp_path / "prompts"
    shutil.copytree(prompt_templates.FOLDER, folder)
    yield folder
    monkeypatch.undo()
    clear_caches()


def clear_caches() -> None:
    prompt_templates.prompt_set.cache_clear()
    prompt_templates._read.cache_clear()


def deploy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("conditions/task.md", "shared/lesson.md"):
        path = folder / name
        path.write_text(path.read_text("utf-8") + "\n\nThe fixed sentence.\n", "utf-8")
    monkeypatch.setattr(prompt_templates, "FOLDER", folder)
    clear_caches()


def test_the_conditions_prompt_and_the_opening_are_stored_and_counted() -> None:
    fixture = agent_fixture()

    result = build_prompts(FIRST_ROUND, deps=deps(fixture))

    (listed,) = result["prompts"]
    pointer = BuiltPrompt.model_validate(listed["prompt"])
    assert load_prompt(pointer, fixture.built_prompts) == prompt_for_conditions(request(), LESSON)
    opening = fixture.built_prompts.read(result["opening"]["sha256"])
    assert opening == shared_opening(request(), LESSON)
    assert pointer.prompt_set == result["opening"]["prompt_set"] == prompt_set()
    assert set(listed["tokens"]) == {agent.value for agent in Agent}


def test_the_result_contains_pointers_and_stays_small_for_the_largest_brief() -> None:
    fixture = agent_fixture()
    models = tuple(f"openai:{'m' * 75}{number}" for number in range(20))
    assert len(models) <= MAX_DRAFTS

    text = json.dumps(build_prompts(FIRST_ROUND, deps=deps(fixture, models=models)))

    assert LESSON not in text
    assert len(text) < 10_000


def test_agents_send_what_was_built() -> None:
    with ScriptedProvider([ASSIGNMENTS, TESTS]) as provider:
        fixture = agent_fixture(provider.url, has_draft=False)
        prompt, opening = built(fixture)
        task = CONDITIONS.model_copy(update={"prompt": prompt})
        part = PART.model_copy(update={"opening": opening})

        write_conditions(task, deps=fixture.deps, invocation=INVOCATION)
        write_tests(part, deps=fixture.deps, invocation=INVOCATION)

    assert provider.prompt(0) == fixture.built_prompts.texts[prompt.sha256]
    assert fixture.built_prompts.texts[opening.sha256] in provider.prompt(1)


def test_agents_do_not_render_what_was_built() -> None:
    with ScriptedProvider([ASSIGNMENTS, TESTS]) as provider:
        fixture = agent_fixture(provider.url)
        prompt, opening = built(fixture)
        for sha256, text in fixture.built_prompts.texts.items():
            fixture.built_prompts.texts[sha256] = text.replace("for</code> loop", "FOR</code> loop")
        task = CONDITIONS.model_copy(update={"prompt": prompt})

        write_conditions(task, deps=fixture.deps, invocation=INVOCATION)
        write_tests(
            PART.model_copy(update={"opening": opening}), deps=fixture.deps, invocation=INVOCATION
        )

    assert "FOR</code> loop" in provider.prompt(0)
    assert "FOR</code> loop" in provider.prompt(1)


def test_after_a_prompt_fix_agents_send_the_fixed_prompts(
    fixed_prompts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedProvider([ASSIGNMENTS, TESTS]) as provider:
        fixture = agent_fixture(provider.url)
        prompt, opening = built(fixture)
        deploy(fixed_prompts, monkeypatch)
        task = CONDITIONS.model_copy(update={"prompt": prompt})
        part = PART.model_copy(update={"opening": opening})

        write_conditions(task, deps=fixture.deps, invocation=INVOCATION)
        write_tests(part, deps=fixture.deps, invocation=INVOCATION)

    assert prompt_set() != prompt.prompt_set
    assert "The fixed sentence." in provider.prompt(0)
    assert "The fixed sentence." in provider.prompt(1)
    (saved,) = [one for one in fixture.drafts.of_round(GENERATION, 1) if one.number == 1]
    assert saved.authorship.prompt_set == prompt_set()


def test_an_expired_prompt_is_rendered_again() -> None:
    with ScriptedProvider([ASSIGNMENTS]) as provider:
        fixture = agent_fixture(provider.url)
        prompt, _ = built(fixture)
        fixture.built_prompts.texts.clear()
        task = CONDITIONS.model_copy(update={"prompt": prompt})

        write_conditions(task, deps=fixture.deps, invocation=INVOCATION)

    assert provider.prompt() == prompt_for_conditions(request(), LESSON).text


def test_a_later_round_contains_the_notes_and_the_models_own_drafts() -> None:
    fixture = agent_fixture(has_draft=True)
    fixture.reviews.open(changes_requested("Fewer words, please."))
    models = (MODEL, "openai:other")

    result = build_prompts(SECOND_ROUND, deps=deps(fixture, models=models))

    own, other = (fixture.built_prompts.texts[one["prompt"]["sha256"]] for one in result["prompts"])
    assert "Fewer words, please." in own
    assert "Fewer words, please." in other
    assert "Sum & <co>" in own
    assert "Sum & <co>" not in other
    first = build_prompts(FIRST_ROUND, deps=deps(fixture))["prompts"][0]["tokens"]
    second = result["prompts"][0]["tokens"]
    assert second["conditions"] > first["conditions"]
    assert second["tests"] == first["tests"]


def test_a_prompt_too_long_ends_its_own_model_only() -> None:
    fixture = agent_fixture()
    models = ("openai:small", "openai:large", "openai:unknown")
    ports = deps(
        fixture,
        models=models,
        small={"context_tokens": 2_000},
        large={"context_tokens": 200_000},
        unknown={},
    )

    small, large, unknown = build_prompts(FIRST_ROUND, deps=ports)["prompts"]

    assert set(small) == {"model", "outcome", "error", "reason"}
    assert (small["outcome"], small["error"]) == ("too_long", "PromptTooLong")
    assert "no room for an answer in the model's context of 2,000" in small["reason"]
    assert set(large) == set(unknown) == {"model", "prompt", "tokens"}


def test_an_answer_must_fit_into_the_context_as_well() -> None:
    fixture = agent_fixture()
    counts = build_prompts(FIRST_ROUND, deps=deps(fixture))["prompts"][0]["tokens"]
    fits = longest_prompt({Agent(name): count for name, count in counts.items()})
    fits += MIN_ANSWER_TOKENS

    ports = deps(
        fixture,
        models=("openai:enough", "openai:less"),
        enough={"context_tokens": fits},
        less={"context_tokens": fits - 1},
    )
    enough, less = build_prompts(FIRST_ROUND, deps=ports)["prompts"]

    assert "outcome" not in enough
    assert less["outcome"] == "too_long"


def test_an_imported_file_is_sent_no_prompt() -> None:
    fixture = agent_fixture()

    result = build_prompts(FIRST_ROUND, deps=deps(fixture, models=(IMPORTED,)))

    assert result["prompts"] == [{"model": IMPORTED, "prompt": None}]


def test_an_agent_whose_prompt_does_not_fit_calls_no_model() -> None:
    with ScriptedProvider([TESTS]) as provider:
        fixture = agent_fixture(provider.url, has_draft=True, context_tokens=2_000)

        with pytest.raises(PromptTooLong):
            write_tests(PART, deps=fixture.deps, invocation=INVOCATION)

    assert provider.calls == 0
    assert fixture.answers.calls(Agent.TESTS, GENERATION) == ()


def test_the_answer_is_limited_to_what_the_context_leaves() -> None:
    with ScriptedProvider([TESTS]) as provider:
        fixture = agent_fixture(
            provider.url, has_draft=True, context_tokens=8_000, max_output_tokens=100_000
        )

        write_tests(PART, deps=fixture.deps, invocation=INVOCATION)

    assert 1_000 <= provider.requests[0].body["max_completion_tokens"] < 8_000
