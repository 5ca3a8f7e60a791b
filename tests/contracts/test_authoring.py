"""Tests the authoring pages' adapters for lessons, generations, executions and events."""

import json
from datetime import UTC, datetime

import boto3
import pytest

from coursewright.adapters.event_bus import EventBridgeBus
from coursewright.adapters.executions import StepFunctionsExecutions
from coursewright.adapters.generations import DynamoGenerations
from coursewright.adapters.lessons import S3Lessons
from coursewright.adapters.table import Table
from coursewright.domain.errors import EventInvalid
from coursewright.domain.generation import GenerationStatus
from coursewright.domain.lesson import ObjectPlace
from coursewright.domain.problems import ProblemCode
from coursewright.ports.generations import Lessons
from tests import aws
from tests.contracts.records import GENERATION
from tests.contracts.records_published import claimed_item
from tests.fakes.memory_agents import MemoryLessons

MACHINE = {
    "StartAt": "Stop",
    "States": {"Stop": {"Type": "Fail", "Error": "BudgetExceeded", "Cause": "Too expensive."}},
}


@pytest.fixture(params=["memory", "s3"])
def uploads(request: pytest.FixtureRequest) -> Lessons:
    if request.param == "memory":
        return MemoryLessons()
    request.getfixturevalue("cloud")
    return S3Lessons(boto3.client("s3"), aws.BUCKET)


def test_equal_lessons_are_stored_in_the_same_place(uploads: Lessons) -> None:
    first, again = uploads.save_upload("<h1>Größe</h1>"), uploads.save_upload("<h1>Größe</h1>")

    other = uploads.save_upload("<h1>Gewicht</h1>")

    assert first == again
    assert other != first
    assert first.key.startswith("uploads/")


def test_an_upload_is_fetched_unchanged(cloud: None) -> None:
    place = S3Lessons(boto3.client("s3"), aws.BUCKET).save_upload("<h1>Größe</h1>")

    assert S3Lessons(boto3.client("s3"), aws.BUCKET).fetch(place) == "<h1>Größe</h1>"


@pytest.fixture(params=["memory", "s3"])
def large_upload(request: pytest.FixtureRequest) -> tuple[Lessons, ObjectPlace]:
    text, place = "a" * 5_000_001, ObjectPlace(bucket=aws.BUCKET, key="uploads/large.html")
    if request.param == "memory":
        return MemoryLessons({(place.bucket, place.key): text}), place
    request.getfixturevalue("cloud")
    client = boto3.client("s3")
    client.put_object(Bucket=place.bucket, Key=place.key, Body=text.encode())
    return S3Lessons(client, aws.BUCKET), place


def test_a_lesson_above_5_mb_is_not_fetched(large_upload: tuple[Lessons, ObjectPlace]) -> None:
    lessons, place = large_upload

    with pytest.raises(EventInvalid) as caught:
        lessons.fetch(place)

    assert caught.value.code is ProblemCode.LESSON_TOO_LARGE


def listed_item(generation: str, started_at: str, status: str) -> dict[str, str]:
    """Return the item that the state machine writes to claim a generation."""
    return claimed_item() | {
        "PK": f"GENERATION#{generation}",
        "GSI2PK": f"GENERATIONS#{started_at[:7]}",
        "GSI2SK": f"{status}#{started_at}#{generation}",
        "status": status,
        "started_at": started_at,
    }


def test_the_generations_of_a_month_are_sorted_newest_first(table: Table) -> None:
    table.put(listed_item("a", "2026-01-02T10:00:00+00:00", "running"))
    table.put(listed_item("b", "2026-01-03T10:00:00+00:00", "published"))
    table.put(listed_item("c", "2026-01-04T10:00:00+00:00", "expired"))
    table.put(listed_item("d", "2026-02-01T10:00:00+00:00", "running"))

    found = DynamoGenerations(table).list_month("2026-01")

    assert found == ("c", "b", "a")
    assert DynamoGenerations(table).list_month("2025-12") == ()


def test_a_closed_generation_stays_in_its_month(table: Table) -> None:
    table.put(listed_item(GENERATION, "2026-01-02T10:00:00+00:00", "running"))
    generations = DynamoGenerations(table)

    generations.close(GENERATION, GenerationStatus.REJECTED, now=datetime(2026, 2, 1, tzinfo=UTC))

    assert generations.list_month("2026-01") == (GENERATION,)


def test_a_stopped_execution_has_its_error_and_message(cloud: None) -> None:
    client = boto3.client("stepfunctions")
    machine = client.create_state_machine(
        name="m", definition=json.dumps(MACHINE), roleArn="arn:aws:iam::123456789012:role/r"
    )["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=machine)["executionArn"]

    stopped = None
    while stopped is None or not stopped.has_stopped:
        stopped = StepFunctionsExecutions(client).get(execution)

    assert (stopped.error, stopped.message) == ("BudgetExceeded", "Too expensive.")


def test_an_unknown_execution_is_none(cloud: None) -> None:
    gone = "arn:aws:states:eu-west-1:123456789012:execution:m:gone"

    assert StepFunctionsExecutions(boto3.client("stepfunctions")).get(gone) is None


def test_a_published_module_reaches_subscribers_of_the_bus(cloud: None) -> None:
    events, sqs = boto3.client("events"), boto3.client("sqs")
    events.create_event_bus(Name="bus")
    queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    pattern = {"source": ["courses"], "detail-type": ["Module Published"]}
    events.put_rule(Name="r", EventBusName="bus", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="r", EventBusName="bus", Targets=[{"Id": "1", "Arn": arn["QueueArn"]}])

    EventBridgeBus(events, "bus").publish({"course": {"id": "basics"}})

    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"])["detail"] == {"course": {"id": "basics"}}
