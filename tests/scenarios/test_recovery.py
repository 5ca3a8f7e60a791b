"""Scenarios 39 to 43: failed, redriven, simultaneous and stored executions."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from local.practice.server import PracticeServer
from tests.drill import pool
from tests.drill.cases import every_case, sample
from tests.drill.fault_points import Fault, FaultPlan, Mode, Point
from tests.drill.on_moto import moto_run, practice_models, run_scenario
from tests.drill.scenarios import MAIN
from tests.scenarios import store_fixtures
from tests.scenarios.actions import approve_all
from tests.workflow import moto_engine
from tests.workflow.conftest import Workflow

CONCURRENT_REVIEWS = 10


@pytest.fixture(scope="module")
def steady() -> Iterator[PracticeServer]:
    with practice_models() as server:
        yield server


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_scenario_39_a_crash_anywhere_and_a_redrive_leave_what_a_whole_run_leaves(
    steady: PracticeServer,
) -> None:
    plan, _, _ = run_scenario(steady, MAIN, ())
    chosen = sample(every_case(MAIN, plan.seen), 6, seed=39)

    results = [pool.run_case(case) for case in chosen]

    assert [
        (str(result.case.faults[0]), result.differences)
        for result in results
        if not result.is_clean
    ] == []


def stop(workflow: Workflow) -> None:
    workflow.engine.stop_execution(executionArn=workflow.execution)
    assert workflow.wait()["status"] == "ABORTED"


def publish_then_stop_while_waiting(workflow: Workflow) -> str:
    """Stop an execution that is waiting for its reviewer."""
    workflow.publish(workflow.event())
    workflow.reviewer()
    first = token(workflow)
    stop(workflow)
    return first


def token(workflow: Workflow) -> str:
    (item,) = workflow.items("TOKEN#")
    text: str = item["task_token"]["S"]
    return text


def test_scenario_40_a_redriven_wait_has_a_new_token_and_sends_no_second_mail(
    workflow: Workflow,
) -> None:
    first = publish_then_stop_while_waiting(workflow)

    workflow.redrive()
    while token(workflow) == first:
        assert workflow.engine.describe_execution(executionArn=workflow.execution)["status"] == (
            "RUNNING"
        )
    approve_all(workflow)

    assert workflow.output()["status"] == "published"
    assert len(workflow.mails()) == 1


def test_scenario_40_a_decision_made_meanwhile_is_honoured(workflow: Workflow) -> None:
    publish_then_stop_while_waiting(workflow)
    approve_all(workflow)

    workflow.redrive()

    assert workflow.output()["status"] == "published"
    assert len(workflow.mails()) == 1
    assert len(workflow.items("MODULE#")) == 1


def test_scenario_41_a_stored_execution_that_waited_is_finished(workflow: Workflow) -> None:
    stored = store_fixtures.read(store_fixtures.WAITING)
    store_fixtures.put_back(stored)
    task = {"generation": stored["generation"], "round": 1}
    part = task | {"model": stored["model"], "draft": stored["draft"], "attempt": 0}

    run = moto_engine.run_function
    built = run("build_prompts", task | {"notes": None})
    run("reserve_budget", task | {"prompts": built["prompts"]})
    run("write_conditions", task | {"model": stored["model"], "notes": None})
    run("write_tests", part)
    run("write_solution", part)
    verified = run("verify_draft", part)
    outcome = {"model": stored["model"], "outcome": "written", "reason": "", "drafts": 1}
    run("compare_models", task | {"models": [outcome | {"verified": 1}]})
    review = task | run("open_review", task)
    run("request_review", review | {"reminder": 0, "task_token": "token of the stored execution"})
    run("request_review", review | {"reminder": 1, "task_token": "token of the new execution"})
    approve_all_of(workflow)
    published = run("publish_assignments", review)
    run("close_generation", task | {"status": "published"})

    assert verified["verdict"] == "verified"
    assert len(workflow.mails()) == 1
    assert [assignment["name"] for assignment in published["assignments"]]
    assert not workflow.paid()


def approve_all_of(workflow: Workflow) -> None:
    """Approve all drafts through the newest email, although no execution is waiting."""
    from tests.workflow.conftest import SITE, PageReviewer, over_handlers

    reviewer = PageReviewer(workflow.mails()[-1].body, over_handlers, SITE)
    form = reviewer.open()
    reviewer.decide(form, "approved", approve=form.publishable)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_scenario_42_a_crowd_of_events_loses_none_and_doubles_none(workflow: Workflow) -> None:
    events = [workflow.event() for _ in range(CONCURRENT_REVIEWS)]
    for number, event in enumerate(events):
        event["detail"]["request_id"] = f"one of a crowd: {number}"
    twice = [event for event in events for _ in range(2)]
    started: list[dict[str, Any]] = []

    threads = [
        threading.Thread(target=lambda event=event: started.append(workflow.publish(event)))
        for event in twice
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    machine = workflow.execution.replace(":execution:", ":stateMachine:").rsplit(":", 1)[0]
    while len(workflow.mails()) < CONCURRENT_REVIEWS:
        for execution in workflow.engine.list_executions(stateMachineArn=machine)["executions"]:
            assert execution["status"] == "RUNNING"

    assert set(Counter(execution["execution"] for execution in started).values()) == {2}
    pending = [item for item in workflow.items("REVIEW#") if item["SK"]["S"] == "META"]
    assert len({review["PK"]["S"] for review in pending}) == CONCURRENT_REVIEWS
    assert len(workflow.mails()) == CONCURRENT_REVIEWS
    assert workflow.invocations()["write_conditions"] == CONCURRENT_REVIEWS


def test_scenario_43_an_announcement_sent_again_bears_the_same_publication(
    steady: PracticeServer,
) -> None:
    lost = Fault(Point("state machine", "put_events", 1, 1, "put_events"), Mode.LOST)
    plan = FaultPlan((lost,))

    with moto_run(steady, plan) as run:
        MAIN.complete(run)
        announced = [json.loads(event.partition("Published ")[2]) for event in run.announced]

    assert plan.struck == [lost]
    assert len(announced) == 2
    assert len({event["publication_id"] for event in announced}) == 1
