"""The deployed application on this machine, as a course team meets it: events, mails, runs."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from coursewright.verification.sandbox.image import cached_image as sandbox_image
from local.deploy import Stack, deploy
from local.emulator.settings import environment
from local.emulator_host import Cloud
from local.mailbox import Mail, Mailbox
from local.practice.server import PracticeServer

ROOT = Path(__file__).parent.parent
PLATFORM_QUEUE = "course-platform"
SENDER = "coursewright@example.edu"
REGION = "eu-west-1"
DEFAULTS = {
    "DefaultReviewers": "ada@example.edu",
    "DefaultModels": "openai:practice-quick,openai:practice-careful,openai:practice-sloppy",
}

# An issuer and an audience deploy the authoring pages; on this machine no token is checked.
SIGN_IN = {"JwtIssuer": "https://sign-in.invalid", "JwtAudience": "laptop"}


@dataclass(frozen=True)
class Laptop:
    """Addresses of the running cloud and the names of what is deployed in it."""

    endpoint_url: str
    site_url: str
    mailbox_url: str
    authoring_url: str
    outputs: Mapping[str, str]

    def client(self, service: str) -> Any:
        """Return a client of a service of the laptop cloud."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 – the laptop cloud takes any
        )

    def publish(self, event: Mapping[str, Any]) -> None:
        """Put an event on the bus as the course platform does."""
        entry = {
            "EventBusName": self.outputs["EventBusName"],
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
        }
        answer = self.client("events").put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            raise RuntimeError(f"the bus refused the event: {answer['Entries'][0]}")

    def executions(self) -> list[dict[str, Any]]:
        """Return all executions, newest first."""
        return self._executions_of(self.outputs["StateMachineArn"])

    def find_execution(self, name: str) -> dict[str, Any]:
        """Return the newest execution whose name or generation ends so, else a course's run."""
        for machine in (self.outputs["StateMachineArn"], self.outputs["CourseMachineArn"]):
            for one in self._executions_of(machine):
                if name in ("", one["name"]) or one["name"].endswith(name):
                    return one
        raise LookupError(f"no execution is called {name!r}")

    def _executions_of(self, machine: str) -> list[dict[str, Any]]:
        pages = self.client("stepfunctions").get_paginator("list_executions").paginate
        found = [one for page in pages(stateMachineArn=machine) for one in page["executions"]]
        return sorted(found, key=lambda one: one["startDate"], reverse=True)

    def function(self, name: str) -> str:
        """Return the deployed name of a function. Raises: LookupError."""
        logical = "".join(word.title() for word in name.split("_")) + "Function"
        stack = self.client("cloudformation").describe_stack_resources(StackName="coursewright")
        for one in stack["StackResources"]:
            if one["LogicalResourceId"] == logical:
                return str(one["PhysicalResourceId"])
        raise LookupError(f"there is no function {name}")

    def dead_letters(self) -> list[dict[str, Any]]:
        """Take the messages of the dead-letter queue."""
        return _receive(self.client("sqs"), self.outputs["StartDeadLetterQueueUrl"])

    def received_publications(self) -> list[dict[str, Any]]:
        """Take the `Assignments Published` events that the course platform received."""
        sqs = self.client("sqs")
        return _receive(sqs, sqs.get_queue_url(QueueName=PLATFORM_QUEUE)["QueueUrl"])

    def mails(self) -> list[Mail]:
        """Return all mails sent so far, oldest first."""
        return Mailbox(self.endpoint_url).mails()

    def models_override(self) -> str:
        """Return the registry text that the running cloud adds to the models known here."""
        name = self.outputs["ModelsParameterName"]
        value: str = self.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
        return value

    def register_models(self, practice: PracticeServer, models: str = "") -> None:
        """Write the registry's overrides: the practice models, and what registry text adds."""
        self.client("ssm").put_parameter(
            Name=self.outputs["ModelsParameterName"],
            Value=f"{practice_models(practice)}\n{models}",
            Type="String",
            Overwrite=True,
        )


@dataclass(frozen=True)
class RunningLaptop:
    """A laptop cloud of this process, with what only its owner can touch."""

    laptop: Laptop
    practice: PracticeServer
    stack: Stack


@contextmanager
def running(
    *,
    ports: Mapping[str, int] | None = None,
    parameters: Mapping[str, str] | None = None,
    models: str = "",
    keys: Mapping[str, str] | None = None,
    latency_factor: float = 1.0,
    wait_scale: float = 0.002,
) -> Iterator[RunningLaptop]:
    """Start the cloud and the practice models, deploy the template, and end all at the end.

    `ports` are the cloud's, by its own names for them; `models` is registry text added to the
    practice models; `keys` go to the secret that holds the providers' keys, as an operator would
    put them there. `wait_scale` shortens the pauses between retries: the practice models need no
    minutes to recover.
    """
    with (
        environment({"SANDBOX_IMAGE": str(sandbox_image())}),
        PracticeServer(latency_factor=latency_factor) as practice,
        Cloud(**(ports or {}), wait_scale=wait_scale) as cloud,
    ):
        own = {"PublicUrl": cloud.site_url, "MailFrom": SENDER, "MailIdentity": SENDER}
        own |= SIGN_IN | {"AuthoringUrl": cloud.authoring_url}
        given = own | DEFAULTS | dict(parameters or {})
        stack = deploy(cloud, ROOT / "template.yaml", given)
        laptop = Laptop(
            cloud.endpoint_url,
            cloud.site_url,
            cloud.mailbox_url,
            cloud.authoring_url,
            stack.outputs,
        )
        laptop.register_models(practice, models)
        _store_keys(laptop, keys or {})
        _subscribe_platform(laptop)
        yield RunningLaptop(laptop, practice, stack)


def practice_models(practice: PracticeServer) -> str:
    """Return the registry text of the practice models at their present address."""
    text = (ROOT / "local" / "practice" / "models.toml").read_text()
    return text.replace("${PRACTICE_URL}", practice.url)


def _store_keys(laptop: Laptop, keys: Mapping[str, str]) -> None:
    laptop.client("secretsmanager").put_secret_value(
        SecretId=laptop.outputs["ModelKeysSecretArn"], SecretString=json.dumps(dict(keys))
    )


def _subscribe_platform(laptop: Laptop) -> None:
    sqs, events = laptop.client("sqs"), laptop.client("events")
    url = sqs.create_queue(QueueName=PLATFORM_QUEUE)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    bus = laptop.outputs["EventBusName"]
    pattern = json.dumps({"source": ["coursewright"], "detail-type": ["Assignments Published"]})
    events.put_rule(Name=PLATFORM_QUEUE, EventBusName=bus, EventPattern=pattern)
    target = {"Id": "platform", "Arn": attributes["Attributes"]["QueueArn"]}
    events.put_targets(Rule=PLATFORM_QUEUE, EventBusName=bus, Targets=[target])


def _receive(sqs: Any, url: str) -> list[dict[str, Any]]:
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]


def wait_until(found: Any, *, seconds: float, pause: float = 0.1) -> Any:
    """Call until it gives something; None after the given time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := found():
            return answer
        time.sleep(pause)
    return None
