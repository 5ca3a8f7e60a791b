"""A handle to the application deployed in the laptop cloud; importing it loads no AWS client."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.access_key import REGION, AccessKey
from local.mailbox import Mailbox, SentEmail

ROOT = Path(__file__).parent.parent
PLATFORM_QUEUE = "course-platform"


@dataclass(frozen=True)
class DeployedStack:
    """A running cloud's addresses and the outputs of the stack deployed in it."""

    endpoint_url: str
    site_url: str
    mailbox_url: str
    authoring_url: str
    outputs: Mapping[str, str]
    access_key: AccessKey

    def client(self, service: str) -> Any:
        """Return a boto3 client for a service of the laptop cloud."""
        import boto3

        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            **self.access_key.credentials,
        )

    def publish(self, event: Mapping[str, Any]) -> None:
        """Put an event on the bus, like the course platform."""
        entry = {
            "EventBusName": self.outputs["EventBusName"],
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
        }
        response = self.client("events").put_events(Entries=[entry])
        if response["FailedEntryCount"]:
            raise RuntimeError(f"the event bus rejected the event: {response['Entries'][0]}")

    def executions(self) -> list[dict[str, Any]]:
        """Return all workflow executions, newest first."""
        return self._list_executions(self.outputs["StateMachineArn"])

    def find_execution(self, name: str) -> dict[str, Any]:
        """Return the newest execution whose name ends with `name`, or a course's execution.

        A workflow execution's name ends with its generation's id. Raises: LookupError.
        """
        for machine in (self.outputs["StateMachineArn"], self.outputs["CourseMachineArn"]):
            for execution in self._list_executions(machine):
                if execution["name"].endswith(name):
                    return execution
        raise LookupError(f"there is no execution named {name!r}")

    def _list_executions(self, machine: str) -> list[dict[str, Any]]:
        pages = self.client("stepfunctions").get_paginator("list_executions").paginate
        executions = [
            execution for page in pages(stateMachineArn=machine) for execution in page["executions"]
        ]
        return sorted(executions, key=lambda execution: execution["startDate"], reverse=True)

    def function(self, name: str) -> str:
        """Return the deployed name of a function such as `check_code`. Raises: LookupError."""
        logical_id = "".join(word.title() for word in name.split("_")) + "Function"
        response = self.client("cloudformation").describe_stack_resources(StackName="coursewright")
        for resource in response["StackResources"]:
            if resource["LogicalResourceId"] == logical_id:
                return str(resource["PhysicalResourceId"])
        raise LookupError(f"there is no function named {name}")

    def dead_letters(self) -> list[dict[str, Any]]:
        """Receive and delete the messages in the start function's dead-letter queue."""
        return _receive(self.client("sqs"), self.outputs["StartDeadLetterQueueUrl"])

    def received_publications(self) -> list[dict[str, Any]]:
        """Receive and delete the course platform's `Assignments Published` events."""
        sqs = self.client("sqs")
        return _receive(sqs, sqs.get_queue_url(QueueName=PLATFORM_QUEUE)["QueueUrl"])

    def mails(self) -> list[SentEmail]:
        """Return all emails sent so far, oldest first."""
        return Mailbox(self.endpoint_url, self.access_key).mails()

    def models_override(self) -> str:
        """Return the registry text that this deployment adds to the built-in models."""
        name = self.outputs["ModelsParameterName"]
        value: str = self.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
        return value


def _receive(sqs: Any, url: str) -> list[dict[str, Any]]:
    messages: Iterable[dict[str, Any]] = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10
    ).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]


def wait_until(condition: Callable[[], Any], *, seconds: float, pause_seconds: float = 0.1) -> Any:
    """Poll until the condition returns a truthy value and return it, or None on timeout."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(pause_seconds)
    return None
