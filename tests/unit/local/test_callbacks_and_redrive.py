"""Task tokens and redrives work as on AWS."""

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
    """Return how often the function has been called with a number."""
    found = cloud.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"calls/{number}/")
    return int(found["KeyCount"])


def outage(cloud: Cloud, bucket: str, number: int) -> None:
    cloud.client("s3").put_object(Bucket=bucket, Key=f"outage/{number}", Body=b"")


def end_outage(cloud: Cloud, bucket: str, number: int) -> None:
    cloud.client("s3").delete_object(Bucket=bucket, Key=f"outage/{number}")


class WaitingMachine:
    """A state machine that is waiting for a task token, with that token."""

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
    waiting = WaitingMachine(machines, cloud, deployment)

    waiting.answer({"approved": True})

    assert json.loads(machines.ended(waiting.arn)["output"]) == {"approved": True}


def test_a_used_token_has_expired(machines: Machines, cloud: Cloud, deployment: Deployment) -> None:
    waiting = WaitingMachine(machines, cloud, deployment)
    waiting.answer(1)

    with pytest.raises(ClientError, match="TaskTimedOut"):
        waiting.answer(2)


def test_a_callback_that_is_not_json_is_rejected(
    machines: Machines, cloud: Cloud, deployment: Deployment
) -> None:
    waiting = WaitingMachine(machines, cloud, deployment)

    with pytest.raises(ClientError, match="InvalidOutput"):
        machines.stepfunctions.send_task_success(taskToken=waiting.token, output="yes")

    waiting.answer("yes")


def test_a_wait_times_out_and_its_token_expires(
    machines: Machines, cloud: Cloud, deployment: Deployment
) -> None:
    waiting = WaitingMachine(machines, cloud, deployment, TimeoutSeconds=1)

    ended = machines.ended(waiting.arn)

    assert ended["error"] == "States.Timeout"
    with pytest.raises(ClientError, match="TaskTimedOut"):
        waiting.answer(1)


def test_a_stopped_execution_stops_waiting(
    machines: Machines, cloud: Cloud, deployment: Deployment
) -> None:
    waiting = WaitingMachine(machines, cloud, deployment)

    machines.stepfunctions.stop_execution(executionArn=waiting.arn)

    with pytest.raises(ClientError, match="TaskTimedOut"):
        waiting.answer(1)


def test_a_failing_function_fails_the_wait_at_once(machines: Machines) -> None:
    resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    started_at = time.monotonic()

    ended = machines.run(machine(Ask=machines.failing_task(Resource=resource, TimeoutSeconds=30)))

    assert ended["error"] == "LessonUnreadable"
    assert time.monotonic() - started_at < 10


def test_every_attempt_has_its_own_token(machines: Machines) -> None:
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


def test_a_redrive_runs_only_failed_and_aborted_branches(
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
    end_outage(cloud, bucket, numbers[2])

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
    end_outage(cloud, bucket, first + 1)

    machines.stepfunctions.redrive_execution(executionArn=arn)

    assert json.loads(machines.ended(arn)["output"]) == [2 * first, 2 * first + 2]
    assert (calls(cloud, bucket, first), calls(cloud, bucket, first + 1)) == (1, 2)


def test_an_aborted_wait_gets_a_new_token_after_a_redrive(
    machines: Machines, cloud: Cloud, deployment: Deployment
) -> None:
    waiting = WaitingMachine(machines, cloud, deployment)
    machines.stepfunctions.stop_execution(executionArn=waiting.arn)
    s3, bucket = cloud.client("s3"), deployment.outputs["BucketName"]

    machines.stepfunctions.redrive_execution(executionArn=waiting.arn)

    def new_token() -> str | None:
        token = s3.get_object(Bucket=bucket, Key="token")["Body"].read().decode()
        return token if token != waiting.token else None

    machines.stepfunctions.send_task_success(taskToken=eventually(new_token), output="1")
    assert machines.ended(waiting.arn)["status"] == "SUCCEEDED"


def test_a_successful_execution_cannot_be_redriven(machines: Machines) -> None:
    arn = machines.start(machine(Any=passes(1)))
    machines.ended(arn)

    with pytest.raises(ClientError, match="ExecutionNotRedrivable"):
        machines.stepfunctions.redrive_execution(executionArn=arn)


def test_the_sample_machine_works_waits_and_ends(
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
