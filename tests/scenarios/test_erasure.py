"""Tests which data remains after the erasure of a reviewer or a course."""

import json
import math
from typing import Any

import boto3
import pytest
from pydantic import ValidationError

from coursewright import wiring
from coursewright.domain.errors import GenerationRunning
from coursewright.domain.review import Decision, Review, display_names
from coursewright.steps import erasure_walk
from tests import aws
from tests.scenarios.actions import approve_all
from tests.workflow import moto_engine
from tests.workflow.conftest import Workflow

ADA, BO = "Ada.Byron@example.edu", "bo@example.edu"
NEIGHBOUR = "not-ada.byron@example.edu"
REQUESTED_CHANGE = "Please write shorter texts."


def event_with(event: dict[str, Any], course: str = "", **detail: Any) -> dict[str, Any]:
    """Return an event for another course or with other details."""
    whole = event["detail"] | detail
    return event | {"detail": whole | {"course": whole["course"] | {"id": course or "first"}}}


def erase(function: str, **task: Any) -> dict[str, Any]:
    answer: dict[str, Any] = moto_engine.run_function(f"erase_{function}", task)
    return answer


def everything() -> dict[str, str]:
    """Return all items of the table and all objects of the bucket as text."""
    s3 = boto3.client("s3")
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=aws.TABLE)
    items = [item for page in pages for item in page["Items"]]
    remaining = {f"{record['PK']['S']} {record['SK']['S']}": json.dumps(record) for record in items}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=aws.BUCKET):
        for record in page.get("Contents", []):
            body = s3.get_object(Bucket=aws.BUCKET, Key=record["Key"])["Body"].read()
            remaining[record["Key"]] = body.decode()
    return remaining


def where(text: str) -> list[str]:
    """Return the keys of all records that contain a text."""
    return [
        place
        for place, content in everything().items()
        if text.lower() in f"{place}{content}".lower()
    ]


def is_its_own(place: str) -> bool:
    """Whether a record belongs to one course only, unlike equal prompts and summed costs."""
    return not place.startswith(("prompts/", "answers/", "BUDGET#")) or "RESERVED" in place


def review_of(workflow: Workflow, number: int = 1) -> Review:
    generation = workflow.execution.rpartition("-")[2]
    return wiring.reviews().get(f"REVIEW#{generation}#{number}")


@pytest.fixture
def decided(workflow: Workflow) -> Workflow:
    """Return the workflow of a published generation for which Ada requested changes once."""
    workflow.publish(event_with(workflow.event(), reviewers=[ADA, BO, NEIGHBOUR]))
    workflow.reviewer(mails=3)
    asked = workflow.reviewer()
    asked.decide(asked.open(), "changes_requested", notes=f"{REQUESTED_CHANGE} Yours, {ADA}.")
    workflow.reviewer(mails=6)
    approving = workflow.reviewer(mails=4)
    form = approving.open()
    approving.decide(form, "approved", approve=form.publishable)
    workflow.output()
    return workflow


def test_only_pseudonyms_of_an_erased_reviewer_remain(decided: Workflow) -> None:
    before = decided.items("AUDIT#")

    answer = erase("reviewer", reviewer=ADA.lower())
    again = erase("reviewer", reviewer=ADA)

    quoted = [
        place for place in where(REQUESTED_CHANGE) + where(ADA) if not place.startswith("prompts/")
    ]
    assert [key for key in quoted if "not-" not in everything()[key]] == []
    assert (answer["done"], answer["generations"]) == (True, 1)
    assert (again["records"], again["done"]) == (0, True)
    assert decided.items("AUDIT#") == before


LIN = {"sub": "idp|9f3c-77", "name": "Lin Chen", "email": "Lin.Chen@example.edu"}


@pytest.mark.parametrize("task", [{"reviewer": "lin.chen@example.edu"}, {"author": LIN["sub"]}])
def test_only_pseudonyms_of_an_erased_author_remain(
    workflow: Workflow, task: dict[str, str]
) -> None:
    workflow.publish(event_with(workflow.event(), author=LIN))
    approve_all(workflow)
    workflow.output()
    export = {"names": [workflow.execution.rpartition("-")[2]], "format": "jsonl", "author": LIN}
    moto_engine.run_function("export_assignments", export)
    before = workflow.items("AUDIT#")
    known = [text for text in LIN.values() if where(text)]

    answer = erase("reviewer", **task)
    again = erase("reviewer", **task)

    audited = [json.loads(item["entry"]["S"]) for item in before]
    assert known == list(LIN.values())
    assert [place for text in LIN.values() for place in where(text)] == []
    assert (answer["records"], answer["done"], again["records"]) == (2, True, 0)
    assert workflow.items("AUDIT#") == before
    assert {entry["event"] for entry in audited if "author" in entry} == {
        "generation_requested",
        "exported",
    }


@pytest.mark.parametrize("task", [{}, {"reviewer": "", "author": " "}, {"author": "x" * 300}])
def test_an_erasure_that_names_nobody_is_refused(workflow: Workflow, task: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        erase("reviewer", **task)


def test_decisions_of_an_erased_reviewer_stand(decided: Workflow) -> None:
    before = review_of(decided, 2)

    erase("reviewer", reviewer=ADA)

    after = review_of(decided, 2)
    audited = [json.loads(item["entry"]["S"]) for item in decided.items("AUDIT#")]
    ruled = [entry["reviewer"] for entry in audited if entry["event"] == "review_decided"]
    assert (after.decision, after.approved) == (Decision.APPROVED, before.approved)
    assert after.decided_by not in display_names(after)
    assert after.decided_by in ruled
    assert sorted(display_names(after).values()) == [BO, NEIGHBOUR]
    assert set(display_names(after)) < set(display_names(before))
    assert after.link_salt != before.link_salt


def test_repeated_steps_do_not_restore_an_erased_reviewer(
    decided: Workflow,
) -> None:
    erase("reviewer", reviewer=ADA)
    before = everything()
    task = {"generation": review_of(decided).generation, "round": 2}
    review = task | {"review": review_of(decided, 2).review}

    moto_engine.run_function("publish_assignments", review)
    moto_engine.run_function("expire_review", review)
    moto_engine.run_function("close_generation", task | {"status": "published"})

    assert everything() == before


def test_a_reviewer_of_a_running_generation_is_erased_only_on_request(workflow: Workflow) -> None:
    workflow.publish(event_with(workflow.event(), reviewers=[ADA, BO]))
    workflow.reviewer(mails=2)

    with pytest.raises(GenerationRunning):
        erase("reviewer", reviewer=ADA)
    erase("reviewer", reviewer=BO, also_running=True)
    approve_all(workflow)

    assert workflow.output()["status"] == "published"
    assert where(BO) == []


def test_an_erased_reviewer_gets_no_email(workflow: Workflow) -> None:
    workflow.publish(event_with(workflow.event(), reviewers=[ADA, BO]))
    workflow.reviewer(mails=2)
    erase("reviewer", reviewer=ADA, also_running=True)
    task = {"generation": review_of(workflow).generation, "round": 1, "reminder": 1}

    sent = moto_engine.run_function(
        "request_review", task | {"review": review_of(workflow).review, "task_token": "t"}
    )

    assert sent == {"mailed": 1}
    assert workflow.mails()[-1].destinations["ToAddresses"] == [BO]


@pytest.mark.slow
def test_only_the_audit_of_an_erased_course_remains(workflow: Workflow) -> None:
    workflow.publish(event_with(workflow.event(), "other"))
    approve_all(workflow)
    workflow.output()
    others = {place: text for place, text in everything().items() if is_its_own(place)}
    workflow.publish(event_with(workflow.event(), "first-course"))
    approve_all(workflow, mails=2)
    workflow.output()
    generation = workflow.execution.rpartition("-")[2]

    answer = erase("course", course="first-course")
    again = erase("course", course="first-course")

    left = {place: text for place, text in everything().items() if is_its_own(place)}
    remaining = [place.partition("#")[0] for place in left if generation in place]
    assert set(remaining) == {"AUDIT", "BUDGET", "TOKEN"}
    assert where("first-course") == []
    assert {place: left.get(place) for place in others} == others
    assert (answer["generations"], answer["done"]) == (1, True)
    assert (again["records"], again["done"]) == (0, True)


def test_a_running_course_is_erased_only_on_request(workflow: Workflow) -> None:
    workflow.publish(event_with(workflow.event(), "first-course"))
    workflow.reviewer()

    with pytest.raises(GenerationRunning, match="also_running"):
        erase("course", course="first-course")
    remaining = where("first-course")
    erase("course", course="first-course", also_running=True)

    assert remaining
    assert [place for place in where("first-course") if not place.startswith("TOKEN#")] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "task"), [("reviewer", {"reviewer": ADA}), ("course", {"course": "first"})]
)
def test_an_interrupted_erasure_resumes_where_it_stopped(
    decided: Workflow, monkeypatch: pytest.MonkeyPatch, function: str, task: dict[str, str]
) -> None:
    for request_id in ("2", "3"):
        decided.publish(event_with(decided.event(), reviewers=[ADA], request_id=request_id))
        approve_all(decided, mails=5 + int(request_id))
        decided.output()
    monkeypatch.setattr(erasure_walk, "MIN_ERASURE_MILLIS", math.inf)

    answers = [erase(function, **task)]
    while not answers[-1]["done"]:
        answers.append(erase(function, **task, after=answers[-1]["after"]))

    assert [answer["seen"] for answer in answers] == [1, 1, 1, 0]
    assert sum(answer["generations"] for answer in answers) == 3
    assert erase(function, **task)["records"] == 0
