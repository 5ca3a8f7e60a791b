"""Tests operators' tasks on the deployed template: failed starts and erasure requests."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rich.console import Console

from local import demo
from local.console import DemoConsole
from local.emulator.role_policies import enforced
from local.erase import Erasable, ErasureFailed, erase
from local.running_stack import RunningStack, running_stack
from local.stack import wait_until

pytestmark = pytest.mark.slow

ADA = "ada@example.edu"


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningStack]:
    with running_stack(latency_factor=0) as cloud, enforced():
        yield cloud


def small(course: str, **detail: Any) -> dict[str, Any]:
    event = demo.sample_event("python_loops.json")
    event["detail"]["course"] |= {"id": course}
    event["detail"]["brief"] |= {"tasks_count": 1, "models": ["openai:practice-quick"]}
    return event | {"detail": event["detail"] | detail}


def take_permission(cloud: RunningStack) -> Callable[[], None]:
    """Revoke the rule's permission to invoke the function; return a callable to restore it."""
    client, name = cloud.stack.client("lambda"), cloud.stack.function("start_generation")
    (statement,) = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"]
    client.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    return lambda: client.add_permission(
        FunctionName=name,
        StatementId=statement["Sid"],
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )


def take_right_to_start(cloud: RunningStack) -> Callable[[], None]:
    """Revoke the function's right to start executions; return a callable to restore it."""
    client, iam = cloud.stack.client("lambda"), cloud.stack.client("iam")
    name = cloud.stack.function("start_generation")
    role = client.get_function_configuration(FunctionName=name)["Role"].rpartition("/")[2]
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        found = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        whole = json.dumps(found) if isinstance(found, dict) else found
        if "states:StartExecution" in whole:
            break
    names = {"RoleName": role, "PolicyName": policy}
    iam.put_role_policy(**names, PolicyDocument=whole.replace("states:Start", "states:List"))
    return lambda: iam.put_role_policy(**names, PolicyDocument=whole)


def dead_letter(cloud: RunningStack) -> dict[str, Any]:
    """Wait until the queue's alarm would fire, then receive the event."""
    sqs, url = cloud.stack.client("sqs"), cloud.stack.outputs["StartDeadLetterQueueUrl"]
    alarms = cloud.stack.client("cloudwatch").describe_alarms()["MetricAlarms"]
    (alarm,) = [resource for resource in alarms if resource.get("Namespace") == "AWS/SQS"]

    def rings() -> bool:
        name = "ApproximateNumberOfMessages"  # the queue attribute behind the alarm's metric
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"]
        return bool(int(found[name]) >= alarm["Threshold"])

    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": url.rpartition("/")[2]}]
    assert alarm["AlarmActions"] == [cloud.stack.outputs["AlarmTopicArn"]]
    assert wait_until(rings, seconds=60)
    (letter,) = cloud.stack.dead_letters()
    event: dict[str, Any] = letter.get("requestPayload", letter)
    return event


@pytest.mark.timeout(300)
@pytest.mark.parametrize("take", [take_permission, take_right_to_start])
def test_scenario_06_a_start_without_permission_is_a_dead_letter_that_can_be_replayed(
    cloud: RunningStack, take: Callable[[RunningStack], Callable[[], None]]
) -> None:
    console = DemoConsole(Console(file=io.StringIO(), width=120))
    calls, runs = len(cloud.practice.calls), len(cloud.stack.executions())
    put_back = take(cloud)
    try:
        cloud.stack.publish(small("replayed", request_id=take.__name__))
        letter = dead_letter(cloud)
    finally:
        put_back()
    assert (len(cloud.practice.calls), len(cloud.stack.executions())) == (calls, runs)

    demo.run_lesson(console, cloud, letter, reject=False)
    cloud.stack.publish(letter)
    again = wait_until(lambda: bool(cloud.stack.dead_letters()) or None, seconds=3)

    assert len(cloud.stack.executions()) == runs + 1
    assert not again


@pytest.mark.timeout(300)
def test_a_reviewer_and_a_course_are_erased_under_the_deployed_roles(
    cloud: RunningStack,
) -> None:
    console = DemoConsole(Console(file=io.StringIO(), width=120))
    demo.run_lesson(console, cloud, small("short-lived", reviewers=[ADA]), reject=False)
    before = everything(cloud)

    renamed = erase(
        cloud.stack, Erasable.REVIEWER, ADA, also_running=False, report_progress=console.print_line
    )
    between = everything(cloud)
    deleted = erase(
        cloud.stack,
        Erasable.COURSE,
        "short-lived",
        also_running=False,
        report_progress=console.print_line,
    )

    assert ADA in before
    assert "short-lived" in between
    assert ADA not in between
    assert "short-lived" not in everything(cloud)
    assert renamed["records"] > 0
    assert deleted["records"] > 10


def test_an_invalid_address_is_not_erased(cloud: RunningStack) -> None:
    with pytest.raises(ErasureFailed, match="email address"):
        erase(cloud.stack, Erasable.REVIEWER, "ada", also_running=False, report_progress=print)


def everything(cloud: RunningStack) -> str:
    """Return all items in the table as text."""
    table = cloud.stack.outputs["TableName"]
    pages = cloud.stack.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    return json.dumps([item for page in pages for item in page["Items"]])
