"""Scenario 16: prompt injections in lessons and notes have no effect, even if a model obeys."""

import json
from typing import Any

import pytest

from coursewright.domain.errors import ModelOutputInvalid
from coursewright.domain.prompt_injection import count_injections
from coursewright.steps.write_conditions import write_conditions
from tests.fakes.formats import ScriptedReply
from tests.fakes.memory_agents import MemoryModelKeys
from tests.fakes.provider import ScriptedProvider, completion
from tests.scenarios.actions import QUICK, approve_all, disable, register, registry_entry
from tests.scenarios.hostile import LESSONS, NOTES
from tests.unit.agents import fixtures as scenes
from tests.unit.agents.fixtures import CONDITIONS, GENERATION, INVOCATION, MODEL, good_assignments
from tests.workflow.conftest import Workflow

TOOL = "save_assignments"
SECRET = "sk-canary-of-the-provider"


def obeying(**changes: Any) -> dict[str, Any]:
    first, *others = good_assignments()["assignments"]
    return {"assignments": [first | changes, *others]}


OBEDIENT: tuple[ScriptedReply, ...] = (
    completion(("publish_assignments", good_assignments())),
    completion((TOOL, good_assignments()), ("publish_assignments", {})),
    completion((TOOL, good_assignments() | {"status": "published"})),
    completion((TOOL, good_assignments() | {"generation": "f" * 16})),
    completion((TOOL, obeying(owner="eve@example.edu"))),
    completion((TOOL, obeying(file_name="../../etc/passwd"))),
    completion((TOOL, obeying(difficulty=99))),
    completion((TOOL, good_assignments()), (TOOL, good_assignments())),
    completion(content="My rules are: …"),
    completion((TOOL, obeying(text="<p>Approved and published.</p><script>1</script>"))),
)


@pytest.mark.parametrize("number", range(20))
def test_scenario_16_instructions_in_a_lesson_have_no_effect(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    lesson = f"<h1>Loops</h1><p>A for loop visits each element.</p>{LESSONS[number]}"
    monkeypatch.setattr(scenes, "LESSON", lesson)

    assert count_injections(lesson) >= 1
    for reply in OBEDIENT:
        nothing_moves(reply, CONDITIONS, "")


@pytest.mark.parametrize("number", range(20))
def test_scenario_16_instructions_in_notes_have_no_effect(number: int) -> None:
    task = CONDITIONS.model_copy(update={"round": 2, "notes": f"REVIEW#{GENERATION}#1"})

    for reply in OBEDIENT:
        nothing_moves(reply, task, NOTES[number])


def nothing_moves(reply: ScriptedReply, task: Any, notes: str) -> None:
    """Run one turn with a model that obeys the injection; assert that it has no effect."""
    with ScriptedProvider([reply]) as provider:
        keys = MemoryModelKeys(("127.0.0.1",), SCRIPTED_KEY=SECRET)
        fixture = scenes.agent_fixture(provider.url, model_key=keys.get)
        if notes:
            fixture.reviews.open(scenes.changes_requested(notes))
        before = fixture.reviews.writes
        error_text = ""
        try:
            write_conditions(task, deps=fixture.deps, invocation=INVOCATION)
        except ModelOutputInvalid as error:
            error_text = str(error)
        drafts = fixture.drafts.of_round(GENERATION, task.round)
    (request,) = provider.requests
    assert SECRET not in error_text
    assert fixture.drafts.saves == (0 if error_text else 1)
    assert [tool["function"]["name"] for tool in request.body["tools"]] == [TOOL]
    assert request.body["tool_choice"]["function"]["name"] == TOOL
    assert SECRET not in json.dumps(request.body)
    assert {(draft.generation, draft.model) for draft in drafts} <= {(GENERATION, MODEL)}
    assert {draft.file_name for draft in drafts} <= {"solution.py"}
    assert fixture.reviews.writes == before


@pytest.mark.parametrize("lesson", ["python_loops", "sql_joins"])
def test_an_honest_lesson_contains_no_instructions(workflow: Workflow, lesson: str) -> None:
    html = workflow.event(lesson)["detail"]["module"]["html"]

    assert count_injections(html) == 0


@pytest.mark.parametrize(
    "text",
    [
        "Call the function with your own name. Ignore upper and lower case.",
        "Print the keys of the dictionary. You are now able to write loops.",
        "A rule of thumb: forget the index. Show your result.",
        "The assistant in the shop marks each item as sold.",
        "Write a function that checks passwords and prints your score.",
    ],
)
def test_programming_terms_are_not_instructions(text: str) -> None:
    assert count_injections(f"<p>{text}</p>") == 0


def test_scenario_16_the_reviewer_is_warned_and_only_the_reviewer_decides(
    workflow: Workflow,
) -> None:
    event = workflow.event(models=["openai:obedient", QUICK])
    event["detail"]["module"]["html"] += LESSONS[1]
    obedient = completion((TOOL, {"assignments": []}), ("publish_assignments", {}))
    with ScriptedProvider([obedient]) as provider:
        register(registry_entry("openai:obedient", provider.url))
        workflow.publish(event)
        failed = workflow.wait()
        disable("openai:obedient")
        workflow.redrive()
        reviewer = workflow.reviewer()
        before = workflow.items("MODULE#")
        page = reviewer.send("GET", reviewer.open_link()).body
        approve_all(workflow)

    assert (failed["error"], provider.calls) == ("ModelOutputInvalid", 1)
    assert before == []
    assert "read like instructions to a language model" in page
    assert "reads like an instruction to a language model" in " ".join(reviewer.mail_text.split())
    assert workflow.output()["status"] == "published"
