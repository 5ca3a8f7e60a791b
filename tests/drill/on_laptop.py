"""Runs cases on one laptop cloud, with one course module per run."""

import copy
import itertools
import json
import threading
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from coursewright.agents.model_registry import load_registry
from coursewright.domain.base import text_sha256
from coursewright.domain.generation import execution_name
from coursewright.domain.lesson import LessonPointer
from coursewright.settings import Settings
from coursewright.steps.start_generation import requested_generation
from local.demo import sample_event
from local.reviewer import HttpReply, Transport, http_transport
from local.running_stack import RunningStack
from local.stack import DeployedStack
from tests.drill.fault_injector import LaptopFaultInjector, TrackedGeneration
from tests.drill.fault_points import Fault, FaultPlan, RuntimeExited
from tests.drill.scenarios import PageReviewer, Scenario, ScenarioStuck

MAX_REDRIVES = 8
PAUSE_SECONDS = 0.1
SUFFIX = "-drilled-"


class LaptopRun:
    """One generation on the laptop cloud with its fault plan."""

    def __init__(self, harness: "LaptopHarness", number: int, plan: FaultPlan) -> None:
        self.harness = harness
        self.reviewer_address = f"reviewer{number}@example.edu"
        self.module = f"loops{SUFFIX}{number}"
        self.tracked = TrackedGeneration("", plan)
        self.generation = ""
        self.redrives = 0
        self.failures: list[str] = []
        self._execution = ""

    def start(self, lesson: str, brief: Mapping[str, Any]) -> None:
        """Publish the lesson as this run's module; the bus retries failures."""
        event = copy.deepcopy(sample_event(f"{lesson}.json"))
        detail = event["detail"]
        detail["module"]["id"] = self.module
        detail["reviewers"] = [self.reviewer_address]
        detail["brief"] |= {"tasks_count": 1, "models": ["openai:practice-quick"]} | dict(brief)
        self.generation = self.harness.generation_of(event)
        self.tracked.generation = self.generation
        name = execution_name(self.module, self.generation)
        machine = self.harness.stack.outputs["StateMachineArn"]
        self._execution = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        self.harness.injector.modules[self.module] = self.tracked
        self.harness.injector.tracked[self.generation] = self.tracked
        self.harness.stack.publish(event)

    def status(self) -> str:
        """Return the execution's status; RUNNING if it has not started yet."""
        if self.tracked.in_progress:
            return "RUNNING"
        try:
            found = self.harness.engine.describe_execution(executionArn=self._execution)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
                raise
            return "RUNNING"
        return str(found["status"])

    def pause(self) -> None:
        """Wait before the next poll."""
        time.sleep(PAUSE_SECONDS)

    def redrive(self) -> None:
        """Redrive like an operator, ten minutes later on the functions' clock."""
        self.redrives += 1
        found = self.harness.engine.describe_execution(executionArn=self._execution)
        self.failures.append(f"{found['status']}: {found.get('error')}: {found.get('cause')}")
        if self.redrives > MAX_REDRIVES:
            raise ScenarioStuck(f"not finished after {MAX_REDRIVES} redrives: {self.failures}")
        while self.tracked.in_progress:
            self.pause()
        self.tracked.waits += 1
        self.harness.engine.redrive_execution(executionArn=self._execution)

    def asks_for_review(self, round_number: int) -> bool:
        """Whether the execution is waiting for a decision in this round."""
        waits = self.tracked.last == "request_review" and not self.tracked.in_progress
        if not waits or self._review(round_number).get("decision") != {"S": "pending"}:
            return False
        return self._mail() is not None

    def reviewer(self) -> PageReviewer:
        """Return the recipient of the newest email."""
        mail = self._mail()
        assert mail is not None
        site = self.harness.stack.site_url
        return PageReviewer(mail.text, tagged(http_transport(site), self.generation), site)

    def is_decided(self) -> bool:
        """Whether no review is pending."""
        return bool(self._review(1).get("decision") != {"S": "pending"})

    def sweep(self) -> None:
        """Run the scheduled sweep."""
        payload = json.dumps({"generation": self.generation})
        for _ in range(3):
            answer = self.harness.functions.invoke(
                FunctionName=self.harness.sweeper, Payload=payload.encode()
            )
            if "FunctionError" not in answer:
                return

    def _review(self, round_number: int) -> dict[str, Any]:
        key = {"PK": {"S": f"REVIEW#{self.generation}#{round_number}"}, "SK": {"S": "META"}}
        found = self.harness.table.get_item(
            TableName=self.harness.table_name, Key=key, ConsistentRead=True
        )
        item: dict[str, Any] = found.get("Item", {})
        return item

    def _mail(self) -> Any:
        mails = self.harness.stack.mails()
        received = [mail for mail in mails if self.reviewer_address in mail.recipients]
        return received[-1] if received else None


def tagged(transport: Transport, generation: str) -> Transport:
    """Tag each request with its generation; raise RuntimeExited if the function died."""

    def send(method: str, path: str, headers: Mapping[str, str], body: str) -> HttpReply:
        answer = transport(method, path, dict(headers) | {"x-drill": generation}, body)
        if answer.status >= 500:
            raise RuntimeExited(f"{method} {path} → {answer.status}")
        return answer

    return send


class LaptopHarness:
    """The laptop cloud that all runs share, and its clients."""

    def __init__(self, cloud: RunningStack, injector: LaptopFaultInjector) -> None:
        self.cloud, self.injector = cloud, injector
        self.stack: DeployedStack = cloud.stack
        self.engine, self.table = (
            self.stack.client("stepfunctions"),
            self.stack.client("dynamodb"),
        )
        self.functions = self.stack.client("lambda")
        self.table_name = self.stack.outputs["TableName"]
        self.sweeper = cloud.deployment.physical_id("SweepReviewsFunction")
        self.runs: list[LaptopRun] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    @cached_property
    def _registry(self) -> Any:
        return load_registry(self.stack.models_override())

    def generation_of(self, event: dict[str, Any]) -> str:
        """Return the generation id that an event will produce."""
        sha256 = text_sha256(event["detail"]["module"]["html"])
        lesson = LessonPointer(bucket="", key="", sha256=sha256)
        request = requested_generation(
            event, models=self._registry, settings=Settings(), store=lambda *_, **__: lesson
        )
        return request.generation

    def run_scenario(self, scenario: Scenario, faults: tuple[Fault, ...]) -> LaptopRun:
        """Run a scenario with its faults to completion."""
        with self._lock:
            run = LaptopRun(self, next(self._numbers), FaultPlan(faults))
            self.runs.append(run)
        scenario.complete(run)
        return run
