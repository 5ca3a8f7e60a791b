"""AWS size limits: sizes just below work, and sizes just above cause a clear error."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from coursewright.adapters.blob_store import MAX_ITEM_BODY_BYTES, BlobStore, TextStore
from coursewright.adapters.event_bus import EventBridgeBus, entry_bytes
from coursewright.adapters.table import Table
from coursewright.domain.brief import MAX_DRAFTS, RequestedBrief
from coursewright.domain.errors import EventInvalid
from coursewright.domain.generation import MAX_NAME_CHARS, execution_name
from tests import aws
from tests.scenarios.actions import approve_all
from tests.scenarios.history_events import EVENTS_OF_A_RETRY, Counter, allowed_briefs
from tests.workflow.conftest import Workflow, definition

STATE, ITEM, EVENT, ANSWER, HISTORY = 262_144, 409_600, 1_048_576, 6_291_456, 25_000
MAX_TOPICS = [f"{number:03d}" + "t" * 197 for number in range(100)]
MAX_BRIEF = {
    "tasks_count": 20,
    "models": [f"openai:{'m' * 75}{number}" for number in range(5)],
    "audience": {"level": "beginner", "known_topics": MAX_TOPICS},
}


def named(event: dict[str, Any], **detail: Any) -> dict[str, Any]:
    return event | {"detail": event["detail"] | detail}


@pytest.mark.parametrize(("length", "stored"), [(62, 62), (63, 63), (64, 63), (100, 63)])
def test_an_execution_name_has_at_most_80_characters(length: int, stored: int) -> None:
    name = execution_name("m" * length, "0" * 16)

    assert name == "m" * stored + "-" + "0" * 16
    assert len(name) <= MAX_NAME_CHARS == 80


@pytest.mark.parametrize("size", [MAX_ITEM_BODY_BYTES, MAX_ITEM_BODY_BYTES + 1, ITEM, ITEM + 1])
def test_a_body_of_any_size_fits_into_an_item(size: int) -> None:
    with aws.storage():
        table = Table(boto3.client("dynamodb"), aws.TABLE)
        blobs = BlobStore(TextStore(boto3.client("s3"), aws.BUCKET, "bodies", ".json"))
        item = {"PK": "GENERATION#1", "SK": "TEST"} | blobs.pack("x" * size)

        table.put(item)
        stored = table.get("GENERATION#1", "TEST")

        assert stored is not None
        assert blobs.unpack(stored) == "x" * size
        assert len(json.dumps(stored)) < ITEM / 2


def test_the_largest_brief_stays_far_below_the_limit_of_a_state(workflow: Workflow) -> None:
    event = workflow.event()
    audience = {"audience": MAX_BRIEF["audience"]}
    reviewers = [f"{'r' * 40}{number}@example.edu" for number in range(20)]

    workflow.publish(named(event, brief=event["detail"]["brief"] | audience, reviewers=reviewers))
    workflow.reviewer()

    run = workflow.engine.describe_execution(executionArn=workflow.execution)
    assert 20_000 < len(run["input"].encode()) < STATE / 4


@pytest.mark.parametrize(
    ("field", "detail"),
    [
        ("detail.brief", {"brief": MAX_BRIEF | {"tasks_count": 21}}),
        ("detail.brief.audience", {"brief": {"audience": {"known_topics": [*MAX_TOPICS, "t"]}}}),
        ("detail.reviewers", {"reviewers": [f"r{n}@example.edu" for n in range(21)]}),
        ("detail.module.id", {"module": {"id": "m" * 101, "title": "M", "html": "<p>x</p>"}}),
        ("detail.request_id", {"request_id": "r" * 201}),
    ],
)
def test_one_more_is_refused_before_anything_is_paid(
    workflow: Workflow, field: str, detail: dict[str, Any]
) -> None:
    with pytest.raises(EventInvalid) as refused:
        workflow.publish(named(workflow.event(), **detail))

    assert str(refused.value).startswith(field)
    assert (workflow.items(""), dict(workflow.paid())) == ([], {})


def test_an_event_just_below_1_mb_is_taken(workflow: Workflow) -> None:
    event = workflow.event()
    module = event["detail"]["module"]
    room = EVENT - len(json.dumps(event).encode()) - 1_000
    comment = f"<!--{'x' * room}-->"

    started = workflow.publish(named(event, module=module | {"html": module["html"] + comment}))

    assert not started["duplicate"]


def test_what_functions_answer_the_engine_is_small(workflow: Workflow) -> None:
    workflow.publish(workflow.event(tasks_count=2))
    approve_all(workflow)
    workflow.output()

    outputs = [
        len(event["taskSucceededEventDetails"].get("output", ""))
        for event in workflow.history()
        if "taskSucceededEventDetails" in event
    ]

    assert max(outputs) < 10_000 < ANSWER


def test_the_events_of_a_run_are_those_that_the_definition_tells(workflow: Workflow) -> None:
    workflow.publish(workflow.event(tasks_count=2))
    approve_all(workflow)
    workflow.output()

    found = len(workflow.history())

    assert found == Counter(json.loads(workflow.definition)).plain_run(tasks=2, models=1)


def test_the_longest_run_of_any_allowed_brief_stays_below_the_limit_of_a_history(
    record_property: Callable[[str, object], None],
) -> None:
    counter = Counter(json.loads(definition()))

    longest = max(counter.longest_run(*brief) for brief in allowed_briefs())

    retries = (HISTORY - longest) // EVENTS_OF_A_RETRY
    record_property("longest history", f"{longest} events, room for {retries} retries")
    assert longest < HISTORY * 0.8


@pytest.mark.parametrize(
    ("tasks", "models", "is_allowed"), [(5, 20, True), (20, 5, True), (6, 17, False)]
)
def test_the_largest_brief_is_allowed_and_the_next_larger_one_is_not(
    tasks: int, models: int, is_allowed: bool
) -> None:
    names = [f"openai:m{number}" for number in range(models)]

    if is_allowed:
        RequestedBrief(tasks_count=tasks, models=tuple(names))
    else:
        with pytest.raises(ValueError, match=f"exceeds {MAX_DRAFTS}"):
            RequestedBrief(tasks_count=tasks, models=tuple(names))


@pytest.mark.parametrize(("size", "is_taken"), [(EVENT, True), (EVENT + 1, False)])
def test_an_event_of_the_authoring_pages_is_measured_before_it_is_sent(
    size: int, is_taken: bool
) -> None:
    sent: list[Any] = []

    def put_events(**call: Any) -> dict[str, int]:
        sent.append(call)
        return {"FailedEntryCount": 0}

    client = SimpleNamespace(put_events=put_events)
    bus = EventBridgeBus(client, "bus")  # type: ignore[arg-type]
    room = size - entry_bytes({"html": ""})

    if is_taken:
        bus.publish({"html": "x" * room})
    else:
        with pytest.raises(EventInvalid, match="EventBridge accepts"):
            bus.publish({"html": "x" * room})

    assert len(sent) == is_taken
