"""Scenarios A: events, and the start of executions."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from coursewright.domain.errors import EventInvalid
from coursewright.domain.generation import execution_name
from tests.cloudformation import load_template
from tests.scenarios.actions import approve_all, around_aws
from tests.workflow.conftest import Workflow

RESOURCES = load_template(Path(__file__).parents[2] / "template.yaml")["Resources"]
STATE_LIMIT = 262_144
LOST: Any = {
    "Error": {"Code": "InternalServerError", "Message": "the answer was lost"},
    "ResponseMetadata": {"HTTPStatusCode": 500, "RequestId": "1"},
}


def named(event: dict[str, Any], **detail: Any) -> dict[str, Any]:
    """Return an event with some details changed."""
    return event | {"detail": event["detail"] | detail}


def runs(workflow: Workflow) -> list[dict[str, Any]]:
    machines = workflow.engine.list_state_machines()["stateMachines"]
    return [
        run
        for machine in machines
        for run in workflow.engine.list_executions(stateMachineArn=machine["stateMachineArn"])[
            "executions"
        ]
    ]


def test_scenario_01_the_same_event_twice_at_once_is_one_generation(workflow: Workflow) -> None:
    event = workflow.event()

    with ThreadPoolExecutor(2) as both:
        started = list(both.map(workflow.publish, [event, event]))
    approve_all(workflow)

    assert workflow.output()["status"] == "published"
    assert len({execution["execution"] for execution in started}) == 1
    assert len(runs(workflow)) == 1
    assert set(workflow.paid().values()) == {1}
    assert len([item for item in workflow.items("BUDGET#") if "RESERVED" in item["SK"]["S"]]) == 1


def test_scenario_01_the_same_event_fifty_times_at_once_is_one_generation(
    workflow: Workflow,
) -> None:
    event = workflow.event()

    with ThreadPoolExecutor(50) as crowd:
        started = list(crowd.map(workflow.publish, [event] * 50))
    workflow.reviewer()

    assert len({execution["execution"] for execution in started}) == 1
    assert len(workflow.mails()) == 1
    assert set(workflow.paid().values()) == {1}


def test_scenario_03_an_older_text_that_arrives_late_is_a_generation_of_its_own(
    workflow: Workflow,
) -> None:
    older = workflow.event()
    module = older["detail"]["module"]
    newer = named(older, module=module | {"html": module["html"] + "<p>One more word.</p>"})
    started = [workflow.publish(newer), workflow.publish(older)]
    approve_all(workflow, mails=2)
    approve_all(workflow)
    late = [workflow.publish(newer), workflow.publish(older)]

    assert [start["duplicate"] for start in started + late] == [False, False, True, True]
    assert len(runs(workflow)) == 2
    assert set(workflow.paid().values()) == {1}


def test_scenario_01_a_second_execution_ends_as_duplicate(workflow: Workflow) -> None:
    workflow.publish(workflow.event())
    workflow.reviewer()
    first = workflow.engine.describe_execution(executionArn=workflow.execution)

    workflow.execution = workflow.engine.start_execution(
        stateMachineArn=first["stateMachineArn"], name="another-name", input=first["input"]
    )["executionArn"]

    assert workflow.output()["status"] == "duplicate"
    assert len(workflow.mails()) == 1
    assert set(workflow.paid().values()) == {1}


def test_scenario_02_a_producers_retry_under_a_new_id_is_a_duplicate(workflow: Workflow) -> None:
    event = workflow.event()
    workflow.publish(event | {"id": "1", "time": "2026-01-15T09:00:00Z"})
    approve_all(workflow)
    workflow.output()

    again = workflow.publish(event | {"id": "2", "time": "2026-01-15T09:00:07Z"})

    assert again["duplicate"]
    assert len(runs(workflow)) == 1
    assert set(workflow.paid().values()) == {1}


def test_scenario_03_a_changed_text_is_a_new_generation(workflow: Workflow) -> None:
    event = workflow.event()
    module = event["detail"]["module"]
    first = workflow.publish(event)
    approve_all(workflow)

    changed = named(event, module=module | {"html": module["html"] + "<p>One more word.</p>"})
    second = workflow.publish(changed)
    approve_all(workflow, mails=2)

    assert not second["duplicate"]
    assert first["generation"] != second["generation"]
    assert workflow.output()["status"] == "published"
    assert len(workflow.items("MODULE#")) == 2


def test_scenario_04_a_request_id_asks_for_a_fresh_generation(workflow: Workflow) -> None:
    event = workflow.event()
    first = workflow.publish(event)
    workflow.reviewer()

    fresh = workflow.publish(named(event, request_id="once more"))
    workflow.reviewer(mails=2)
    again = workflow.publish(named(event, request_id="once more"))

    assert (fresh["duplicate"], again["duplicate"]) == (False, True)
    assert first["generation"] != fresh["generation"] == again["generation"]
    assert len(workflow.items("BUDGET#")) == 3
    assert len(workflow.mails()) == 2


JUNK = "x" * 1_000_000
BAD: list[tuple[str, dict[str, Any]]] = [
    ("detail.course", {"course": None}),
    ("detail.course.kind", {"course": {"id": "a", "title": "A", "kind": "cobol"}}),
    ("detail.course.id", {"course": {"id": "a b", "title": "A", "kind": "python"}}),
    ("detail.module", {"module": JUNK}),
    ("detail.module", {"module": {"id": "m", "title": "M"}}),
    ("detail.module.title", {"module": {"id": "m", "title": JUNK, "html": "<p>x</p>"}}),
    ("detail.brief.tasks_count", {"brief": {"tasks_count": 0}}),
    ("detail.brief.tasks_count", {"brief": {"tasks_count": "five"}}),
    ("detail.brief.models", {"brief": {"models": ["openai:nobody"]}}),
    ("detail.brief.language", {"brief": {"language": JUNK}}),
    ("detail.reviewers", {"reviewers": ["nobody"]}),
    ("detail", {"brief": {"tasks_count": 20, "models": [f"openai:m{n}" for n in range(6)]}}),
]


@pytest.mark.parametrize(("field", "change"), BAD)
def test_scenario_05_a_malformed_event_names_the_field_and_pays_nothing(
    workflow: Workflow, field: str, change: dict[str, Any]
) -> None:
    with pytest.raises(EventInvalid) as refused:
        workflow.publish(named(workflow.event(), **change))

    assert str(refused.value).startswith(field)
    assert len(str(refused.value)) < 600
    assert (workflow.items(""), runs(workflow), dict(workflow.paid())) == ([], [], {})


@pytest.mark.parametrize("detail", [None, [], "text", JUNK])
def test_scenario_05_a_detail_that_is_no_object_is_refused(workflow: Workflow, detail: Any) -> None:
    with pytest.raises(EventInvalid, match=r"^detail"):
        workflow.publish(workflow.event() | {"detail": detail})

    assert workflow.items("") == []


def test_scenario_05_what_cannot_start_meets_a_dead_letter_queue_and_an_alarm() -> None:
    start = RESOURCES["StartGenerationFunction"]["Properties"]
    rule = start["Events"]["ModulePublished"]["Properties"]
    queue = {"Fn::GetAtt": ["StartDeadLetterQueue", "Arn"]}
    alarm = RESOURCES["StartFailedAlarm"]["Properties"]

    assert rule["DeadLetterConfig"]["Arn"] == queue
    assert start["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"] == queue
    assert alarm["Dimensions"][0]["Value"] == {"Fn::GetAtt": ["StartDeadLetterQueue", "QueueName"]}
    assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_scenario_06_a_start_that_was_refused_is_replayed_safely(
    workflow: Workflow, code: str
) -> None:
    def refuse(operation: str, parameters: dict[str, Any], call: Any) -> Any:
        if operation == "StartExecution":
            raise ClientError({"Error": {"Code": code, "Message": "refused"}}, operation)
        return call()

    with around_aws(refuse), pytest.raises(ClientError, match=code):
        workflow.publish(workflow.event())
    assert runs(workflow) == []

    workflow.publish(workflow.event())
    approve_all(workflow)
    published = workflow.output()["status"]
    replayed = [workflow.publish(workflow.event())["duplicate"] for _ in range(2)]

    assert (published, replayed) == ("published", [True, True])
    assert len(runs(workflow)) == 1
    assert set(workflow.paid().values()) == {1}


def test_scenario_07_our_own_event_starts_nothing(workflow: Workflow) -> None:
    pattern = RESOURCES["StartGenerationFunction"]["Properties"]["Events"]["ModulePublished"][
        "Properties"
    ]["Pattern"]
    announce = json.loads(workflow.definition)["States"]["Announce publication"]["Arguments"]
    entry = announce["Entries"][0]

    with pytest.raises(EventInvalid, match=r"^detail-type"):
        workflow.publish(
            {"source": entry["Source"], "detail-type": entry["DetailType"], "detail": {}}
        )

    assert entry["Source"] not in pattern["source"]
    assert entry["DetailType"] not in pattern["detail-type"]
    assert runs(workflow) == []


def test_scenario_08_a_lesson_of_900_kb_meets_no_limit(workflow: Workflow) -> None:
    event = workflow.event()
    module = event["detail"]["module"]
    filler = "<p>A long lesson says the same in many words.</p>"
    missing = 900_000 - len(module["html"].encode())
    large = module | {"html": module["html"] + filler * (missing // len(filler))}

    workflow.publish(named(event, module=large))
    approve_all(workflow)

    assert workflow.output()["status"] == "published"
    sizes = [
        len(details[name].encode())
        for entry in workflow.history()
        for details in entry.values()
        if isinstance(details, dict)
        for name in ("input", "output", "parameters")
        if isinstance(details.get(name), str)
    ]
    assert max(sizes) < 20_000 < STATE_LIMIT


def test_scenario_09_a_claim_whose_answer_was_lost_is_claimed_again_by_its_owner(
    workflow: Workflow,
) -> None:
    claims: list[str] = []

    def lose_first_answer(operation: str, parameters: dict[str, Any], call: Any) -> Any:
        answer = call()
        key = parameters.get("Item", {}).get("PK", {})
        if operation == "PutItem" and "GENERATION#" in str(key) and "owner" in parameters["Item"]:
            claims.append(str(parameters["Item"]["owner"]))
            if len(claims) == 1:
                raise ClientError(LOST, operation)
        return answer

    with around_aws(lose_first_answer):
        workflow.publish(workflow.event())
        approve_all(workflow)

    assert workflow.output()["status"] == "published"
    assert len(claims) == 2
    assert len(set(claims)) == 1
    assert len(runs(workflow)) == 1


def test_scenario_09_names_stay_within_the_engines_length() -> None:
    names = [execution_name("m" * length, "0" * 16) for length in (62, 63, 64, 100)]

    assert [len(name) for name in names] == [79, 80, 80, 80]
