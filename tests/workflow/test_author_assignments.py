"""Tests the state machine from event to publication, on every path a generation can take."""

import json
import shutil
from pathlib import Path
from typing import Any

import boto3
import pytest

from coursewright.agents import prompt_templates
from coursewright.domain.base import text_sha256
from coursewright.domain.errors import EventInvalid
from tests import aws
from tests.workflow import moto_engine
from tests.workflow.conftest import Workflow

THREE = ["openai:practice-quick", "openai:practice-careful", "openai:practice-sloppy"]


def approve_all(workflow: Workflow, *, mails: int = 1) -> None:
    reviewer = workflow.reviewer(mails=mails)
    form = reviewer.open()
    reviewer.decide(form, "approved", approve=form.publishable)


@pytest.mark.parametrize("lesson", ["python_loops", "sql_joins"])
def test_an_approved_lesson_is_published(workflow: Workflow, lesson: str) -> None:
    workflow.publish(workflow.event(lesson, tasks_count=2, models=THREE[:2]))

    approve_all(workflow)

    assert workflow.output()["status"] == "published"
    assert len(workflow.items("MODULE#")) == 4
    assert sum(workflow.paid().values()) == 2 * (1 + 2 * 2)


def test_a_rejected_round_publishes_nothing(workflow: Workflow) -> None:
    workflow.publish(workflow.event())
    reviewer = workflow.reviewer()

    reviewer.decide(reviewer.open(), "rejected")

    assert workflow.output()["status"] == "rejected"
    assert workflow.items("MODULE#") == []


def test_silence_is_reminded_then_expires(workflow: Workflow) -> None:
    workflow.redefine(workflow.definition.replace("$number('60')", "$number('1')"))
    workflow.publish(workflow.event())

    assert workflow.output()["status"] == "expired"
    assert len(workflow.mails()) == 2
    links = {workflow.reviewer(mails=number).link for number in (1, 2)}
    assert len(links) == 1


def test_requested_changes_start_another_round_with_the_notes(workflow: Workflow) -> None:
    workflow.publish(workflow.event())
    first = workflow.reviewer()
    first.decide(first.open(), "changes_requested", notes="Use shorter texts.")

    approve_all(workflow, mails=2)

    assert workflow.output()["status"] == "published"
    published = json.loads(workflow.items("MODULE#")[0]["body"]["S"])
    assert published["draft"] == "openai:practice-quick/r2/d1"
    assert "(revised)" in published["name"]


def test_a_third_request_for_changes_ends_the_generation(workflow: Workflow) -> None:
    workflow.publish(workflow.event())

    for number in (1, 2, 3):
        reviewer = workflow.reviewer(mails=number)
        reviewer.decide(reviewer.open(), "changes_requested", notes="Again, please.")

    assert workflow.output()["status"] == "rejected"
    assert workflow.invocations()["open_review"] == 3


def test_a_faulty_part_is_repaired_by_its_agent(workflow: Workflow) -> None:
    workflow.publish(workflow.event(tasks_count=3, models=THREE[2:]))

    form = workflow.reviewer().open()

    drafts = [f"openai:practice-sloppy/r1/d{number}" for number in (1, 2, 3)]
    assert sorted(form.publishable) == drafts
    assert workflow.invocations()["verify_draft"] == 5
    evidence = [item["SK"]["S"] for item in workflow.items("GENERATION#")]
    assert f"VERIFICATION#{drafts[1]}#1" in evidence
    assert f"VERIFICATION#{drafts[2]}#1" in evidence


def test_the_same_event_twice_is_one_generation(workflow: Workflow) -> None:
    first = workflow.publish(workflow.event())
    second = workflow.publish(workflow.event() | {"id": "another event id"})

    approve_all(workflow)

    assert workflow.output()["status"] == "published"
    assert first["execution"] == second["execution"]
    assert workflow.invocations()["write_conditions"] == 1
    assert max(workflow.paid().values()) == 1


def test_a_second_execution_for_a_claimed_generation_ends_as_duplicate(
    workflow: Workflow,
) -> None:
    workflow.publish(workflow.event())
    workflow.reviewer()
    first = workflow.execution
    again = workflow.engine.describe_execution(executionArn=first)["input"]

    workflow.execution = workflow.engine.start_execution(
        stateMachineArn=first.replace(":execution:", ":stateMachine:").rsplit(":", 1)[0],
        name="a-name-used-again",
        input=again,
    )["executionArn"]

    assert workflow.output()["status"] == "duplicate"
    assert max(workflow.paid().values()) == 1


def test_a_redriven_execution_pays_for_nothing_twice(workflow: Workflow) -> None:
    workflow.practice.start_outage("practice-careful", tool="save_solution")
    workflow.publish(workflow.event(tasks_count=2, models=THREE[:2]))
    failed = workflow.wait()
    workflow.practice.end_outages()

    workflow.redrive()
    approve_all(workflow)

    assert (failed["status"], failed["error"]) == ("FAILED", "ModelUnavailable")
    assert workflow.output()["status"] == "published"
    assert set(workflow.paid().values()) == {1}
    assert sum(workflow.paid().values()) == 2 * (1 + 2 * 2)


@pytest.mark.parametrize("function", ["verify_draft", "compare_models", "open_review"])
def test_a_crash_anywhere_is_redriven_without_a_second_bill(
    workflow: Workflow, function: str
) -> None:
    def crash(event: dict[str, Any]) -> None:
        raise MemoryError(function)

    moto_engine.interceptors[function] = crash
    workflow.publish(workflow.event())
    failed = workflow.wait()
    moto_engine.interceptors.clear()

    workflow.redrive()
    approve_all(workflow)

    assert (failed["status"], failed["error"]) == ("FAILED", "MemoryError")
    assert workflow.output()["status"] == "published"
    assert set(workflow.paid().values()) == {1}
    assert len(workflow.mails()) == 1


def test_a_model_switched_off_is_skipped_on_redrive(workflow: Workflow) -> None:
    workflow.practice.start_outage("practice-careful")
    workflow.publish(workflow.event(models=THREE[:2]))
    failed = workflow.wait()
    workflow.disable("openai:practice-careful")

    workflow.redrive()
    approve_all(workflow)

    assert failed["error"] == "ModelUnavailable"
    assert workflow.output()["status"] == "published"
    assert len(workflow.items("MODULE#")) == 1


def test_a_bad_event_starts_and_pays_nothing(workflow: Workflow) -> None:
    with pytest.raises(EventInvalid, match=r"detail\.brief\.tasks_count"):
        workflow.publish(workflow.event(tasks_count=0))
    with pytest.raises(EventInvalid, match="openai:nobody is not in the registry"):
        workflow.publish(workflow.event(models=["openai:nobody"]))

    assert workflow.items("") == []
    assert not workflow.paid()


def test_the_budget_stops_an_execution_before_any_call(
    workflow: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    from coursewright.settings import settings

    monkeypatch.setenv("MONTHLY_BUDGET_USD", "0.0001")
    settings.cache_clear()
    workflow.publish(workflow.event())
    failed = workflow.wait()
    monkeypatch.setenv("MONTHLY_BUDGET_USD", "10")
    settings.cache_clear()

    assert (failed["error"], dict(workflow.paid())) == ("BudgetExceeded", {})
    workflow.redrive()
    approve_all(workflow)
    assert workflow.output()["status"] == "published"


def test_the_state_carries_no_bodies(workflow: Workflow) -> None:
    event = workflow.event()
    workflow.publish(event)
    approve_all(workflow)
    workflow.output()

    history = json.dumps(workflow.history(), default=str)

    assert event["detail"]["module"]["html"][:40] not in history
    assert "def " not in history
    assert text_sha256(event["detail"]["module"]["html"]) in history


def test_the_state_carries_a_decision_without_its_notes(workflow: Workflow) -> None:
    workflow.publish(workflow.event())
    reviewer = workflow.reviewer()
    reviewer.decide(reviewer.open(), "rejected", notes="Far too hard for them.")

    workflow.output()

    assert "Far too hard" not in json.dumps(workflow.history(), default=str)


def test_hints_are_written_for_verified_drafts_only_if_the_brief_asks(workflow: Workflow) -> None:
    workflow.publish(workflow.event(hints=True))
    approve_all(workflow)

    assert workflow.output()["status"] == "published"
    published = [json.loads(item["body"]["S"]) for item in workflow.items("MODULE#")]
    assert all("Read this passage again" in assignment["hint"] for assignment in published)
    assert workflow.invocations()["write_hint"] == len(published)


@pytest.mark.parametrize("mode", ["json", "explore"])
def test_a_brief_chooses_how_agents_work(workflow: Workflow, mode: str) -> None:
    workflow.publish(workflow.event(mode=mode))
    approve_all(workflow)

    assert workflow.output()["status"] == "published"
    assert sum(workflow.paid().values()) == 1 + 2 * len(workflow.items("MODULE#"))


def test_a_later_round_has_its_own_budget(workflow: Workflow) -> None:
    workflow.publish(workflow.event())
    first = workflow.reviewer()
    first.decide(first.open(), "changes_requested", notes="Use shorter texts.")
    approve_all(workflow, mails=2)

    assert workflow.output()["status"] == "published"
    assert workflow.invocations()["reserve_budget"] == 2
    (note,) = workflow.items("COURSE#")
    assert "Use shorter texts." in note["body"]["S"]


def test_a_model_with_too_small_a_context_is_skipped_unpaid(workflow: Workflow) -> None:
    workflow.limit_context("openai:practice-careful", 2_000)
    workflow.publish(workflow.event(models=THREE[:2]))
    approve_all(workflow)

    end = workflow.output()
    outcomes = {one["model"]: one for one in end["outcomes"]}
    assert end["status"] == "published"
    assert outcomes[THREE[1]]["outcome"] == "too_long"
    assert "context of 2,000" in outcomes[THREE[1]]["reason"]
    assert workflow.invocations()["write_conditions"] == 1
    assert sum(workflow.paid().values()) == 1 + 2


def test_a_lesson_too_long_for_every_model_ends_without_a_review(workflow: Workflow) -> None:
    workflow.limit_context("openai:practice-quick", 2_000)
    workflow.publish(workflow.event())

    assert workflow.output()["status"] == "nothing_to_review"
    assert not workflow.paid()
    assert workflow.mails() == []


def test_a_redrive_after_a_prompt_fix_sends_the_fixed_prompt(
    workflow: Workflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow.practice.start_outage("practice-quick")
    workflow.publish(workflow.event())
    failed = workflow.wait()
    workflow.practice.end_outages()
    fixed = tmp_path / "prompts"
    shutil.copytree(prompt_templates.FOLDER, fixed)
    with (fixed / "conditions" / "task.md").open("a", encoding="utf-8") as file:
        file.write("\nThe fixed sentence.\n")
    monkeypatch.setattr(prompt_templates, "FOLDER", fixed)
    clear_prompt_caches()

    workflow.redrive()
    approve_all(workflow)

    assert failed["error"] == "ModelUnavailable"
    assert workflow.output()["status"] == "published"
    call = json.loads(workflow.items("AGENT#conditions#")[1]["call"]["S"])
    key = f"prompts/{call['prompt_sha256']}.md"
    sent = boto3.client("s3").get_object(Bucket=aws.BUCKET, Key=key)["Body"].read().decode()
    assert sent.strip().endswith("The fixed sentence.")
    assert workflow.invocations()["build_prompts"] == 1
    monkeypatch.undo()
    clear_prompt_caches()


def clear_prompt_caches() -> None:
    prompt_templates.prompt_set.cache_clear()
    prompt_templates._read.cache_clear()
