"""Starts the laptop cloud and the practice models and deploys the template."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ministack.core import lambda_runtime

from coursewright.verification.sandbox.image import cached_image as sandbox_image
from local.deploy import Deployment, deploy
from local.emulator.settings import environment
from local.emulator_host import Cloud
from local.practice.server import PracticeServer
from local.stack import PLATFORM_QUEUE, ROOT, DeployedStack

SENDER = "coursewright@example.edu"
DEFAULTS = {
    "DefaultReviewers": "ada@example.edu",
    "DefaultModels": "openai:practice-quick,openai:practice-careful,openai:practice-sloppy",
}

# The template deploys the authoring pages only if it is given an issuer and an audience. This
# machine does not check tokens.
SIGN_IN = {"JwtIssuer": "https://sign-in.invalid", "JwtAudience": "laptop"}


type StoredKey = str | dict[str, Any]
"""A key, or {"value": …, "hosts": […]}, as the secret for provider keys stores it."""


@dataclass(frozen=True)
class RunningStack:
    """A laptop cloud running in this process, with controls that other processes lack."""

    stack: DeployedStack
    practice: PracticeServer
    deployment: Deployment

    def register_models(self, models: str = "") -> None:
        """Set the registry override to the practice models plus the given registry text."""
        self.stack.client("ssm").put_parameter(
            Name=self.stack.outputs["ModelsParameterName"],
            Value=f"{practice_models(self.practice)}\n{models}",
            Type="String",
            Overwrite=True,
        )
        self._forget_models()

    def _forget_models(self) -> None:
        """Stop warm workers that would use the previous registry for half a minute."""
        for page in self.stack.client("lambda").get_paginator("list_functions").paginate():
            for function in page["Functions"]:
                variables = function.get("Environment", {}).get("Variables", {})
                if "MODELS_PARAMETER" in variables:
                    lambda_runtime.invalidate_worker(function["FunctionName"])


@contextmanager
def running_stack(
    *,
    ports: Mapping[str, int] | None = None,
    parameters: Mapping[str, str] | None = None,
    models: str = "",
    keys: Mapping[str, StoredKey] | None = None,
    latency_factor: float = 1.0,
    wait_scale: float = 0.002,
) -> Iterator[RunningStack]:
    """Start the cloud and the practice models, deploy the template, and stop everything on exit.

    `ports` are keyword arguments of `Cloud`. `models` is registry text added to the practice
    models. `keys` are stored in the secret for provider keys. `wait_scale` shortens the pauses
    between retries, because practice models need no time to recover.
    """
    with (
        environment({"SANDBOX_IMAGE": str(sandbox_image())}),
        PracticeServer(latency_factor=latency_factor) as practice,
        Cloud(**(ports or {}), wait_scale=wait_scale) as cloud,
    ):
        addresses = {"PublicUrl": cloud.site_url, "AuthoringUrl": cloud.authoring_url}
        sender = {"MailFrom": SENDER, "MailIdentity": SENDER}
        chosen = addresses | sender | SIGN_IN | DEFAULTS | dict(parameters or {})
        deployment = deploy(cloud, ROOT / "template.yaml", chosen)
        stack = DeployedStack(
            cloud.endpoint_url,
            cloud.site_url,
            cloud.mailbox_url,
            cloud.authoring_url,
            deployment.outputs,
            cloud.access_key,
        )
        running = RunningStack(stack, practice, deployment)
        running.register_models(models)
        _store_keys(stack, keys or {})
        _subscribe_platform(stack)
        yield running


def practice_models(practice: PracticeServer) -> str:
    """Return the practice models' registry text with the server's current address."""
    text = (ROOT / "local" / "practice" / "models.toml").read_text()
    return text.replace("${PRACTICE_URL}", practice.url)


def _store_keys(stack: DeployedStack, keys: Mapping[str, StoredKey]) -> None:
    stack.client("secretsmanager").put_secret_value(
        SecretId=stack.outputs["ModelKeysSecretArn"], SecretString=json.dumps(dict(keys))
    )


def _subscribe_platform(stack: DeployedStack) -> None:
    """Deliver `Assignments Published` to a queue that stands in for the course platform."""
    sqs, events = stack.client("sqs"), stack.client("events")
    url = sqs.create_queue(QueueName=PLATFORM_QUEUE)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    bus = stack.outputs["EventBusName"]
    pattern = json.dumps({"source": ["coursewright"], "detail-type": ["Assignments Published"]})
    events.put_rule(Name=PLATFORM_QUEUE, EventBusName=bus, EventPattern=pattern)
    target = {"Id": "platform", "Arn": attributes["Attributes"]["QueueArn"]}
    events.put_targets(Rule=PLATFORM_QUEUE, EventBusName=bus, Targets=[target])
