"""Shared by the laptop cloud's tests: the sample template and a runner for state machines."""

import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.deploy import Deployment
from local.emulator_host import Cloud

TEMPLATE = Path(__file__).parent / "sample" / "template.yaml"
DEADLINE_SECONDS = 20


def eventually[T](condition: Callable[[], T | None]) -> T:
    """Poll until the condition returns a truthy value and return it."""
    until = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < until:
        if value := condition():
            return value
        time.sleep(0.03)
    raise AssertionError("The condition was not met in time.")


class Machines:
    """Creates state machines and runs them."""

    def __init__(self, cloud: Cloud, deployment: Deployment) -> None:
        self.stepfunctions = cloud.client("stepfunctions")
        self.work_arn = cloud.client("lambda").get_function(
            FunctionName=deployment.physical_id("WorkFunction")
        )["Configuration"]["FunctionArn"]
        self.fail_arn = self.work_arn.replace(
            deployment.physical_id("WorkFunction"), deployment.physical_id("FailFunction")
        )

    def start(self, definition: dict[str, Any], data: Any = None, name: str = "") -> str:
        """Start an execution of a new state machine."""
        machine = self.stepfunctions.create_state_machine(
            name=uuid.uuid4().hex,
            definition=json.dumps({"QueryLanguage": "JSONata", **definition}),
            roleArn="arn:aws:iam::000000000000:role/any",
        )
        started = self.stepfunctions.start_execution(
            stateMachineArn=machine["stateMachineArn"],
            name=name or uuid.uuid4().hex,
            input=json.dumps({} if data is None else data),
        )
        return str(started["executionArn"])

    def ended(self, arn: str) -> dict[str, Any]:
        """Wait for an execution to end and return its description."""

        def final_description() -> dict[str, Any] | None:
            description = self.stepfunctions.describe_execution(executionArn=arn)
            return None if description["status"] == "RUNNING" else dict(description)

        return eventually(final_description)

    def run(self, definition: dict[str, Any], data: Any = None) -> dict[str, Any]:
        """Run a new state machine to completion."""
        return self.ended(self.start(definition, data))

    def output(self, definition: dict[str, Any], data: Any = None) -> Any:
        """Run a new state machine, assert that it succeeds, and return its output."""
        description = self.run(definition, data)
        assert description["status"] == "SUCCEEDED", description
        return json.loads(description["output"])

    def events(self, arn: str) -> list[dict[str, Any]]:
        """Return an execution's whole history."""
        pages = self.stepfunctions.get_paginator("get_execution_history")
        return [event for page in pages.paginate(executionArn=arn) for event in page["events"]]

    def task(self, **fields: Any) -> dict[str, Any]:
        """Return a Task that doubles the number in its input."""
        return {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": self.work_arn, "Payload": "{% $states.input %}"},
            "Output": "{% $states.result.Payload.doubled %}",
            "TimeoutSeconds": 15,
            "End": True,
            **fields,
        }

    def failing_task(self, **fields: Any) -> dict[str, Any]:
        """Return a Task whose function raises LessonUnreadable."""
        call_arguments = {"FunctionName": self.fail_arn, "Payload": {}}
        return self.task(
            **{"Arguments": call_arguments, "Output": "{% $states.result %}", **fields}
        )


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    """Return a definition that starts with the first state."""
    return {"StartAt": next(iter(states)), "States": states}


def passes(output: Any, **fields: Any) -> dict[str, Any]:
    """Return a Pass state with an output."""
    return {"Type": "Pass", "Output": output, "End": True, **fields}
