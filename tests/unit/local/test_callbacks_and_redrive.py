"""Waiting for a person and going on after a failure happen as on AWS."""

import json
import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.deploy import Deployment
from local.emulator_host import Cloud
from tests.unit.local.machines import Machines, eventually, machine, passes

pytestmark = pytest.mark.enable_socket


def calls(cloud: Cloud, bucket: str, number: int) -> int:
    """Return how often a number was worked on."""
    found = cloud.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"calls/{number}/")
    return int(found["KeyCount"])


def outage(cloud: Cloud, bucket: str, number: int) -> None:
    cloud.client("s3").put_object(Bucket=bucket, Key=f"outage/{number}", Body=b"")


def mend(cloud: Cloud, bucket: str, number: int) -> None:
    cloud.client("s3").delete_object(Bucket=bucket, Key=f"outage/{number}")


class Asking:
    """A machine that waits for a person, and the token it gave out."""

    def __init__(
        self, machines: Machines, cloud: Cloud, deployment: Deployment, **fields: Any
    ) -> None:
        self.machines = machines
        bucket = deployment.outputs["BucketName"]
        s3 = cloud.client("s3")
        s3.delete_object(Bucket=bucket, Key="token")
        called = {
            "FunctionName": deployment.physical_id("AskFunction"),
            "Payload": {"token": "{% $states.context.Task.Token %}"},
        }
        resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
        state = {"Type": "Task", "Resource": resource, "Arguments": called, "End": True}
        self.arn = machines.start(machine(Ask={**state, "TimeoutSeconds": 30, **fields}))
        eventually(lambda: s3.list_objects_v2(Bucket=bucket, Prefix="token").get("Contents"))
        self.token = s3.get_object(Bucket=bucket, Key="token")["Body"].read().decode()

    def answer(self, output: Any) -> None:
        self.machines.stepfunctions.send_task_success(
            taskToken=self.token, output=json.dumps(output)
        )


def test_a_callback_ends_the_wait_with_its_output(
    machines: Machines, cloud: Cloud, deployment: Deployment
) -> None:
    asking = Asking(machines, cloud, deployment)

    asking.answer({"approved": True})

    assert json.loads(machines.ended(asking.arn)["output"]) == {"approved": True}


def test_a_used_token_is_gone(machines: Machines, cloud: Cloud, deployment: Deployment) -> None:
    asking = Asking(machines, cloud, deployment)
    asking.answer(1)

    with pytest.raises(ClientError, match="TaskTimedOut"):
        asking.answer(2)


def test_a_callback_that_is_no_json_is_refused(
    machines: Machines, cloud: Cloud, deployment: Deployment
) -> None:
    asking = Asking(machines, cloud, deployment)

    with pytest.raises(ClientError, match="InvalidOutput"):
        machines.stepfunctions.send_task_success(taskToken=asking.token, output="yes")

    asking.answer("yes")


def test_silence_times_out_and_its_token_is_gone(
    machines: Machines, cloud: Cloud, deployment: Deployment
) -> None:
    asking = Asking(machines, cloud, deployment, TimeoutSeconds=1)

    ended = machines.ended(asking.arn)

    assert ended["error"] == "States.Timeout"
    with pytest.raises(ClientError, match="TaskTimedOut"):
        asking.answer(1)


def test_a_missed_heartbeat_fails_the_task(
    machines: Machines, cloud: Cloud, deployment: Deployment
) -> None:
    asking = Asking(machines, cloud, deployment, HeartbeatSeconds=2)
    for _ in range(12):
        time.sleep(0.2)
        machines.stepfunctions.send_task_heartbeat(taskToken=asking.token)
    assert machines.stepfunctions.describe_execution(executionArn=asking.arn)["status"] == "RUNNING"

    ended = machines.ended(asking.arn)

    assert ended["error"] == "States.HeartbeatTimeout"


def test_a_stopped_execution_waits_for_nobody(
    machines: Machines, cloud: Cloud, deployment: Deployment
) -> None:
    asking = Asking(machines, cloud, deployment)

    machines.stepfunctions.stop_execution(executionArn=asking.arn)

    with pytest.raises(ClientError, match="TaskTimedOut"):
        asking.answer(1)


def test_a_function_that_fails_instead_of_asking_fails_at_once(machines: Machines) -> None:
    resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    started_at = time.monotonic()

    ended = machines.run(machine(Ask=machines.failing_task(Resource=resource, TimeoutSeconds=30)))

    assert ended["error"] == "LessonUnreadable"
    assert time.monotonic() - started_at < 10


def test_every_attempt_has_a_token_of_its_own(machines: Machines) -> None:
    token = {"number": "{% $states.context.Task.Token %}"}
    called = {"FunctionName": machines.fail_arn, "Payload": token}
    retry = [{"ErrorEquals": ["LessonUnreadable"], "IntervalSeconds": 1, "MaxAttempts": 2}]
    seen: set[str] = set()

    from local.emulator import sfn_tasks

    arguments = sfn_tasks.arguments

    def note(state: Any, data: Any, scope: Any) -> Any:
        seen.add(scope["Task"]["Token"])
        return arguments(state, data, scope)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sfn_tasks, "arguments", note)
        machines.run(machine(Try=machines.task(Arguments=called, Retry=retry)))

    assert len(seen) == 3


def test_a_redrive_runs_only_what_failed_or_was_aborted(
    machines: Machines, cloud: Cloud, bucket: str
) -> None:
    first = int(uuid.uuid4().hex[:6], 16) + 1000
    numbers = list(range(first, first + 4))
    outage(cloud, bucket, numbers[2])
    work = machines.task(Next="After", Assign={"mine": "{% $states.result.Payload.doubled %}"})
    del work["End"]
    inner = machine(Work=work, After=passes("{% $mine %}"))
    each = {
        "Type": "Map",
        "Items": "{% $states.input.numbers %}",
        "ItemSelector": {"number": "{% $states.context.Map.Item.Value %}"},
        "ItemProcessor": inner,
        "MaxConcurrency": 1,
        "Next": "Tell",
    }
    tell = passes("{% {'all': $states.input, 'before': $before} %}")
    start = {"Type": "Pass", "Assign": {"before": "kept"}, "Next": "Each"}
    arn = machines.start(machine(Start=start, Each=each, Tell=tell), {"numbers": numbers})
    failed = machines.ended(arn)
    mend(cloud, bucket, numbers[2])

    machines.stepfunctions.redrive_execution(executionArn=arn)

    ended = machines.ended(arn)
    assert (failed["status"], failed["error"]) == ("FAILED", "ModelUnavailable")
    assert (failed["redriveStatus"], failed["redriveCount"]) == ("REDRIVABLE", 0)
    assert ended["status"] == "SUCCEEDED"
    assert ended["redriveCount"] == 1
    doubled = [2 * number for number in numbers]
    assert json.loads(ended["output"]) == {"all": doubled, "before": "kept"}
    assert [calls(cloud, bucket, number) for number in numbers] == [1, 1, 2, 1]
    assert "ExecutionRedriven" in [event["type"] for event in machines.events(arn)]


def test_a_redrive_inside_a_parallel_keeps_the_finished_branch(
    machines: Machines, cloud: Cloud, bucket: str
) -> None:
    first = int(uuid.uuid4().hex[:6], 16) + 1000
    good = machine(
        Good=machines.task(
            Arguments={"FunctionName": machines.work_arn, "Payload": {"number": first}}
        )
    )
    bad = machine(
        Late={"Type": "Wait", "Seconds": 60, "Next": "Bad"},
        Bad=machines.task(
            Arguments={"FunctionName": machines.work_arn, "Payload": {"number": first + 1}}
        ),
    )
    outage(cloud, bucket, first + 1)
    arn = machines.start(machine(Both={"Type": "Parallel", "Branches": [good, bad], "End": True}))
    machines.ended(arn)
    mend(cloud, bucket, first + 1)

    machines.stepfunctions.redrive_execution(executionArn=arn)

    assert json.loads(machines.ended(arn)["output"]) == [2 * first, 2 * first + 2]
    assert (calls(cloud, bucket, first), calls(cloud, bucket, first + 1)) == (1, 2)


def test_an_aborted_wait_asks_again_after_a_redrive(
    machines: Machines, cloud: Cloud, deployment: Deployment
) -> None:
    asking = Asking(machines, cloud, deployment)
    machines.stepfunctions.stop_execution(executionArn=asking.arn)
    s3, bucket = cloud.client("s3"), deployment.outputs["BucketName"]

    machines.stepfunctions.redrive_execution(executionArn=asking.arn)

    def new_token() -> str | None:
        token = s3.get_object(Bucket=bucket, Key="token")["Body"].read().decode()
        return token if token != asking.token else None

    machines.stepfunctions.send_task_success(taskToken=eventually(new_token), output="1")
    assert machines.ended(asking.arn)["status"] == "SUCCEEDED"


def test_what_succeeded_cannot_be_redriven(machines: Machines) -> None:
    arn = machines.start(machine(Any=passes(1)))
    machines.ended(arn)

    with pytest.raises(ClientError, match="ExecutionNotRedrivable"):
        machines.stepfunctions.redrive_execution(executionArn=arn)


def test_the_sample_machine_works_asks_and_ends(
    machines: Machines, cloud: Cloud, deployment: Deployment, bucket: str
) -> None:
    s3 = cloud.client("s3")
    s3.delete_object(Bucket=bucket, Key="token")
    arn = machines.stepfunctions.start_execution(
        stateMachineArn=deployment.outputs["MachineArn"], input='{"numbers": [1, 2, 3]}'
    )["executionArn"]
    eventually(lambda: s3.list_objects_v2(Bucket=bucket, Prefix="token").get("Contents"))
    token = s3.get_object(Bucket=bucket, Key="token")["Body"].read().decode()

    machines.stepfunctions.send_task_success(taskToken=token, output='"yes"')

    assert json.loads(machines.ended(arn)["output"]) == {"answer": "yes", "doubled": [2, 4, 6]}
    assert cloud.mailbox.mails()[-1].subject == "Please review"
