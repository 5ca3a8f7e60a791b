"""Runs the workflow on moto's interpreter with real functions, agents over HTTP and the sandbox."""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.ses.models import ses_backends

from coursewright import wiring
from local.practice.server import PracticeServer
from local.reviewer import Form, HttpReply, Reviewer
from tests import aws
from tests.workflow import moto_engine

ROOT = Path(__file__).parents[2]
ACCOUNT, REGION = "123456789012", "eu-west-1"
SITE = "http://127.0.0.1:8800"
ENVIRONMENT = {
    "TABLE_NAME": aws.TABLE,
    "CONTENT_BUCKET": aws.BUCKET,
    "CHECK_CODE_FUNCTION": "check_code",
    "LINK_KEYS_SECRET": "link-keys",
    "MODEL_KEYS_SECRET": "model-keys",
    "MODELS_PARAMETER": "models",
    "MAIL_FROM": "coursewright@example.edu",
    "MAIL_CONFIGURATION": "coursewright",
    "NOTIFICATION_TOPIC": f"arn:aws:sns:{REGION}:{ACCOUNT}:notifications",
    "PUBLIC_URL": SITE,
    "REVIEW_TIMEOUT_SECONDS": "60",
    "MAX_REMINDERS": "1",
}
os.environ.update(ENVIRONMENT)


@pytest.fixture(scope="session")
def practice() -> Iterator[PracticeServer]:
    with PracticeServer(latency_factor=0) as server:
        yield server


@pytest.fixture
def workflow(practice: PracticeServer) -> Iterator["Workflow"]:
    from coursewright.settings import settings

    moto_engine.patch_moto()
    moto_engine.interceptors.clear()
    practice.end_outages()
    with aws.storage():
        settings.cache_clear()
        workflow = Workflow(practice)
        yield workflow
        moto_engine.interceptors.clear()
        workflow.end()


class Workflow:
    """A deployment on moto and the actions that tests perform on it."""

    def __init__(self, practice: PracticeServer) -> None:
        self.practice = practice
        self._first_call = len(practice.calls)
        self._first_invocation = len(moto_engine.invocations)
        self.engine: Any = boto3.client("stepfunctions")
        self.execution = ""
        self._machines = 0
        self._put_models()
        boto3.client("sns").create_topic(Name="notifications")
        self.definition = definition()
        os.environ["STATE_MACHINE_ARN"] = self._create_machine(self.definition)

    def event(self, name: str = "python_loops", **changes: Any) -> dict[str, Any]:
        """Return a sample event for one quick model and one task, with changes to the brief."""
        path = ROOT / "events" / "module_published" / f"{name}.json"
        event: dict[str, Any] = json.loads(path.read_text())
        brief = {"tasks_count": 1, "models": ["openai:practice-quick"]} | changes
        event["detail"]["brief"] |= brief
        return event

    def publish(self, event: dict[str, Any]) -> dict[str, Any]:
        """Pass an event to the function that EventBridge invokes."""
        started: dict[str, Any] = moto_engine.run_function("start_generation", event)
        if not started["duplicate"]:
            prefix = os.environ["STATE_MACHINE_ARN"].replace(":stateMachine:", ":execution:")
            self.execution = f"{prefix}:{started['execution']}"
        return started

    def wait(self, *, seconds: float = 60) -> dict[str, Any]:
        """Wait until the execution has ended and return its description."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found: dict[str, Any] = self.engine.describe_execution(executionArn=self.execution)
            if found["status"] != "RUNNING":
                return found
            time.sleep(0.02)
        raise TimeoutError(f"{self.execution} is still running")

    def end(self) -> None:
        """Stop all running executions and wait until their functions have finished."""
        for machine in self.engine.list_state_machines()["stateMachines"]:
            arn = machine["stateMachineArn"]
            found = self.engine.list_executions(stateMachineArn=arn, statusFilter="RUNNING")
            for execution in found["executions"]:
                self.engine.stop_execution(executionArn=execution["executionArn"])
        moto_engine.settle()

    def output(self) -> dict[str, Any]:
        """Wait for the execution to succeed and return its output."""
        end = self.wait()
        assert end["status"] == "SUCCEEDED", (end.get("error"), end.get("cause"))
        output: dict[str, Any] = json.loads(end["output"])
        return output

    def reviewer(self, *, mails: int = 1, seconds: float = 60) -> "PageReviewer":
        """Wait for the n-th email and return the reviewer who received it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            sent = self.mails()
            if len(sent) >= mails:
                return PageReviewer(sent[mails - 1].body, over_handlers, SITE)
            found = self.engine.describe_execution(executionArn=self.execution)
            assert found["status"] == "RUNNING", (found.get("error"), found.get("cause"))
            time.sleep(0.02)
        raise TimeoutError(f"email {mails} did not arrive")

    def mails(self) -> list[Any]:
        """Return the emails sent so far."""
        sent: list[Any] = ses_backends[ACCOUNT][REGION].sent_messages
        return sent

    def redrive(self) -> None:
        """Simulate a redrive on moto by starting a new execution from the failed state."""
        text, state_input = moto_engine.redriven(self.definition, self.history())
        self.resume(text, state_input, self._identity())

    def resume(self, text: str, state_input: str, identity: dict[str, Any]) -> None:
        """Continue an execution, given its definition, input and identity."""
        arn = self._create_machine(text)
        again = f"{arn.replace(':stateMachine:', ':execution:')}:redriven"
        moto_engine.redrives[again] = identity
        self.execution = self.engine.start_execution(
            stateMachineArn=arn, name="redriven", input=state_input
        )["executionArn"]

    def _identity(self) -> dict[str, Any]:
        """Return the execution's id, name and start time, which redrives do not change."""
        again = moto_engine.redrives.get(self.execution)
        return again or moto_engine.identities[self.execution]

    def history(self) -> list[dict[str, Any]]:
        """Return the execution's history."""
        pages = self.engine.get_paginator("get_execution_history")
        found = pages.paginate(executionArn=self.execution)
        return [event for page in found for event in page["events"]]

    def invocations(self) -> Counter[str]:
        """Count this test's invocations by function."""
        ran = moto_engine.invocations[self._first_invocation :]
        return Counter(function for function, _ in ran)

    def paid(self) -> Counter[tuple[str, str]]:
        """Count this test's answered model calls by tool and prompt."""
        calls = self.practice.calls[self._first_call :]
        return Counter((call.tool, call.prompt_sha256) for call in calls if call.status == 200)

    def items(self, prefix: str) -> list[dict[str, Any]]:
        """Return the table items whose partition key has this prefix."""
        pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=aws.TABLE)
        found = [item for page in pages for item in page["Items"]]
        return [item for item in found if item["PK"]["S"].startswith(prefix)]

    def redefine(self, text: str) -> None:
        """Deploy a different definition."""
        self.definition = text
        arn = os.environ["STATE_MACHINE_ARN"]
        self.engine.update_state_machine(stateMachineArn=arn, definition=text)

    def disable(self, model: str) -> None:
        """Disable a model in the registry, like an operator."""
        line = f'id = "{model}"'
        self._put_models(lambda text: text.replace(line, f"{line}\ndisabled = true"))

    def limit_context(self, model: str, tokens: int) -> None:
        """Set a small context for a model in the registry."""
        line = f'id = "{model}"'
        self._put_models(lambda text: text.replace(line, f"{line}\ncontext_tokens = {tokens}"))

    def _put_models(self, change: Callable[[str], str] = str) -> None:
        text = (ROOT / "local" / "practice" / "models.toml").read_text()
        value = change(text.replace("${PRACTICE_URL}", self.practice.url))
        boto3.client("ssm").put_parameter(Name="models", Value=value, Type="String", Overwrite=True)
        wiring.parameters.cache_clear()  # as if half a minute had passed

    def _create_machine(self, text: str) -> str:
        self._machines += 1
        arn: str = self.engine.create_state_machine(
            name=f"author-assignments-{self._machines}",
            definition=text,
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/author",
        )["stateMachineArn"]
        return arn


class PageReviewer(Reviewer):
    """A reviewer whose requests go directly to the functions."""

    def open(self) -> Form:
        """Open the emailed link and read the page."""
        return self.read_page(self.open_link())


def definition() -> str:
    """Return the state machine definition with this deployment's names."""
    text = (ROOT / "statemachine" / "author_assignments.asl.json").read_text()
    names = {
        "TableName": aws.TABLE,
        "EventBusName": "default",
        "ReviewTimeoutSeconds": ENVIRONMENT["REVIEW_TIMEOUT_SECONDS"],
        "MaxReminders": ENVIRONMENT["MAX_REMINDERS"],
    }
    for folder in (ROOT / "functions").iterdir():
        logical = "".join(word.title() for word in folder.name.split("_")) + "Function"
        names[logical] = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{folder.name}"
    for name, value in names.items():
        text = text.replace("${" + name + "}", value)
    return text


def over_handlers(method: str, path: str, headers: Any, body: str) -> HttpReply:
    """Send a request to the functions, like the HTTP API."""
    function = "decide_review" if method == "POST" else "show_review"
    answer = moto_engine.run_function(function, api_event(method, path, headers, body))
    found = {name.lower(): value for name, value in answer["headers"].items()}
    return HttpReply(answer["statusCode"], found, tuple(answer.get("cookies", ())), answer["body"])


def api_event(method: str, path: str, headers: Any, body: str) -> dict[str, Any]:
    """Return a request event in the HTTP API's payload format 2.0."""
    parts = path.strip("/").split("/")
    names = ("link",) if parts[0] == "r" else ("generation", "round")
    sent = dict(headers) | {"host": "127.0.0.1:8800"}
    cookies = [cookie for cookie in sent.pop("cookie", "").split("; ") if cookie]
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": sent,
        "cookies": cookies,
        "pathParameters": dict(zip(names, parts[1:], strict=False)),
        "requestContext": {
            "domainName": "127.0.0.1:8800",
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"},
        },
        "body": body,
        "isBase64Encoded": False,
    }
