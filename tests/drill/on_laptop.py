"""Runs on the laptop cloud: one cloud for all of them, each with a module of its own."""

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
from local.reviewer import Answer, Transport, over_http
from local.stack import Laptop, RunningLaptop
from tests.drill.fault_injector import Backstage, Directed
from tests.drill.fault_points import Director, Fault, RuntimeExited
from tests.drill.scenarios import Story, StoryStuck, Visitor

MAX_REDRIVES = 8
PAUSE_SECONDS = 0.1
SUFFIX = "-drilled-"


class LaptopRun:
    """A generation on the laptop cloud, under a director."""

    def __init__(self, stage: "LaptopStage", number: int, director: Director) -> None:
        self.stage = stage
        self.reviewer_address = f"reviewer{number}@example.edu"
        self.module = f"loops{SUFFIX}{number}"
        self.directed = Directed("", director)
        self.generation = ""
        self.redrives = 0
        self.failures: list[str] = []
        self._execution = ""

    def start(self, lesson: str, brief: Mapping[str, Any]) -> None:
        """Publish the lesson as a module of its own; the bus repeats what fails."""
        event = copy.deepcopy(sample_event(f"{lesson}.json"))
        detail = event["detail"]
        detail["module"]["id"] = self.module
        detail["reviewers"] = [self.reviewer_address]
        detail["brief"] |= {"tasks_count": 1, "models": ["openai:practice-quick"]} | dict(brief)
        self.generation = self.stage.generation_of(event)
        self.directed.generation = self.generation
        name = execution_name(self.module, self.generation)
        machine = self.stage.laptop.outputs["StateMachineArn"]
        self._execution = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        self.stage.backstage.modules[self.module] = self.directed
        self.stage.backstage.directed[self.generation] = self.directed
        self.stage.laptop.publish(event)

    def status(self) -> str:
        """Return the execution's status, whose start may still be under way."""
        if self.directed.at_work:
            return "RUNNING"
        try:
            found = self.stage.engine.describe_execution(executionArn=self._execution)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
                raise
            return "RUNNING"
        return str(found["status"])

    def pause(self) -> None:
        """Let the cloud work."""
        time.sleep(PAUSE_SECONDS)

    def redrive(self) -> None:
        """Redrive as an operator does, ten minutes later by the functions' clock."""
        self.redrives += 1
        found = self.stage.engine.describe_execution(executionArn=self._execution)
        self.failures.append(f"{found['status']}: {found.get('error')}: {found.get('cause')}")
        if self.redrives > MAX_REDRIVES:
            raise StoryStuck(f"not through after {MAX_REDRIVES} redrives: {self.failures}")
        while self.directed.at_work:
            self.pause()
        self.directed.waits += 1
        self.stage.engine.redrive_execution(executionArn=self._execution)

    def asks_for_review(self, round_number: int) -> bool:
        """Return whether the run waits for a decision of this round."""
        waits = self.directed.last == "request_review" and not self.directed.at_work
        if not waits or self._review(round_number).get("decision") != {"S": "pending"}:
            return False
        return self._mail() is not None

    def reviewer(self) -> Visitor:
        """Return the reader of the newest mail."""
        mail = self._mail()
        assert mail is not None
        site = self.stage.laptop.site_url
        return Visitor(mail.text, marked(over_http(site), self.generation), site)

    def is_decided(self) -> bool:
        """Return whether no review is pending."""
        return bool(self._review(1).get("decision") != {"S": "pending"})

    def sweep(self) -> None:
        """Let the schedule pass."""
        payload = json.dumps({"generation": self.generation})
        for _ in range(3):
            answer = self.stage.functions.invoke(
                FunctionName=self.stage.sweeper, Payload=payload.encode()
            )
            if "FunctionError" not in answer:
                return

    def _review(self, round_number: int) -> dict[str, Any]:
        key = {"PK": {"S": f"REVIEW#{self.generation}#{round_number}"}, "SK": {"S": "META"}}
        found = self.stage.table.get_item(
            TableName=self.stage.table_name, Key=key, ConsistentRead=True
        )
        item: dict[str, Any] = found.get("Item", {})
        return item

    def _mail(self) -> Any:
        mails = self.stage.laptop.mails()
        mine = [one for one in mails if self.reviewer_address in one.recipients]
        return mine[-1] if mine else None


def marked(transport: Transport, generation: str) -> Transport:
    """Say with each request whose it is, and tell a function's death from its refusal."""

    def send(method: str, path: str, headers: Mapping[str, str], body: str) -> Answer:
        answer = transport(method, path, dict(headers) | {"x-drill": generation}, body)
        if answer.status >= 500:
            raise RuntimeExited(f"{method} {path} → {answer.status}")
        return answer

    return send


class LaptopStage:
    """The one laptop cloud on which all generations run."""

    def __init__(self, cloud: RunningLaptop, backstage: Backstage) -> None:
        self.cloud, self.backstage = cloud, backstage
        self.laptop: Laptop = cloud.laptop
        self.engine, self.table = (
            self.laptop.client("stepfunctions"),
            self.laptop.client("dynamodb"),
        )
        self.functions = self.laptop.client("lambda")
        self.table_name = self.laptop.outputs["TableName"]
        self.sweeper = cloud.stack.physical_id("SweepReviewsFunction")
        self.runs: list[LaptopRun] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    @cached_property
    def _registry(self) -> Any:
        return load_registry(self.laptop.models_override())

    def generation_of(self, event: dict[str, Any]) -> str:
        """Tell beforehand which generation an event asks for."""
        sha256 = text_sha256(event["detail"]["module"]["html"])
        lesson = LessonPointer(bucket="", key="", sha256=sha256)
        request = requested_generation(
            event, models=self._registry, settings=Settings(), keep=lambda *_, **__: lesson
        )
        return request.generation

    def play(self, story: Story, faults: tuple[Fault, ...]) -> LaptopRun:
        """Play a story with its faults to its end."""
        with self._lock:
            run = LaptopRun(self, next(self._numbers), Director(faults))
            self.runs.append(run)
        story.play(run)
        return run
