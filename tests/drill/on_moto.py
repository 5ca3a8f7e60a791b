"""Runs one case on moto's interpreter: a generation, its faults, an operator and a reviewer."""

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import boto3
from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_dynamodb as dynamodb_task,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_events as events_task,
)

from coursewright import wiring
from local.emulator.settings import environment
from local.practice.server import PracticeServer
from tests import aws
from tests.drill import hooks
from tests.drill.caching import cached_clients, deterministic_models
from tests.drill.clock import DrillClock
from tests.drill.fault_points import (
    ANSWER,
    CACHES,
    Fault,
    FaultPlan,
    Killed,
    Mode,
    RuntimeExited,
    task_of,
)
from tests.drill.scenarios import PageReviewer, Scenario, ScenarioStuck
from tests.drill.snapshot import Snapshot, counted, item_text
from tests.workflow import moto_engine
from tests.workflow.conftest import SITE, Workflow, over_handlers

MAX_REDRIVES = 8
AnswerLost = type("Lambda.SdkClientException", (RuntimeExited,), {})
_evidence: dict[str, Any] = {}


class MotoRun:
    """One run of a scenario with its fault plan."""

    def __init__(self, practice: PracticeServer, plan: FaultPlan) -> None:
        self.plan = plan
        self.clock = DrillClock()
        self.practice = practice
        self.workflow = Workflow(practice)
        self.generation = ""
        self.redrives = 0
        self.announced: list[str] = []
        self.failures: list[str] = []
        self._in_progress: dict[object, str] = {}
        self._last = ""

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Invoke a function like Lambda; it can die, and its answer can get lost."""
        if function == "check_code":
            return _check_once(event)
        token = object()
        self._in_progress[token] = function
        try:
            answer = self._invoke(function, event)
            self._last = function
        finally:
            del self._in_progress[token]
        return answer

    def _invoke(self, function: str, event: dict[str, Any]) -> Any:
        for name in CACHES:
            getattr(wiring, name).cache_clear()  # every cold start reads them
        invocation = self.plan.begin(function, task_of(event))
        context = moto_engine.lambda_context(function, len(moto_engine.invocations))
        moto_engine.invocations.append((function, event))
        with hooks.invocation_scope(invocation):
            try:
                answer = moto_engine.handler(function)(event, context)
            except Killed:
                raise RuntimeExited(f"{function} died") from None
        mode = self.plan.fault_mode(invocation.next_point(ANSWER))
        if mode is Mode.LOST:
            raise AnswerLost
        if mode is not None:
            raise RuntimeExited(f"{function} died after its work was done")
        return answer

    def service_client(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap the interpreter's own service calls so that they can fail."""

        def client_for(*args: Any, **names: Any) -> Any:
            return _FaultyClient(plain(*args, **names), self)

        return client_for

    def start(self, lesson: str, brief: Mapping[str, Any]) -> None:
        """Publish the lesson and record its execution."""
        started = self.workflow.publish(self.workflow.event(lesson, **brief))
        prefix = os.environ["STATE_MACHINE_ARN"].replace(":stateMachine:", ":execution:")
        self.workflow.execution = f"{prefix}:{started['execution']}"
        self.generation = started["generation"]

    def status(self) -> str:
        """Return the execution's status; moto is not asked while a function is running."""
        if self._in_progress:
            return "RUNNING"
        described = self.workflow.engine.describe_execution(executionArn=self.workflow.execution)
        status: str = described["status"]
        return status

    def pause(self) -> None:
        """Yield to the interpreter's threads."""
        time.sleep(0.01)

    def asks_for_review(self, round_number: int) -> bool:
        """Whether the execution is waiting for a decision in this round."""
        waits = self._last == "request_review" and not self._in_progress
        return waits and bool(self.sent()) and self._review(round_number) is not None

    def reviewer(self) -> PageReviewer:
        """Return the recipient of the newest email."""
        return PageReviewer(self.sent()[-1].body, over_handlers, SITE)

    def is_decided(self) -> bool:
        """Whether no review is pending."""
        items = self.workflow.items("REVIEW#")
        return all(item.get("decision", {}).get("S") != "pending" for item in items)

    def sweep(self) -> None:
        """Run the scheduled sweep."""
        for _ in range(3):
            with suppress(RuntimeExited):
                self.invoke("sweep_reviews", {})
                return

    def _review(self, round_number: int) -> Any:
        place = f"REVIEW#{self.generation}#{round_number}"
        items = self.workflow.items(place)
        return next((item for item in items if item["SK"]["S"] == "META"), None)

    def redrive(self) -> None:
        """Redrive the execution some time later, like an operator."""
        self.redrives += 1
        self.failures.append(self._failure())
        if self.redrives > MAX_REDRIVES:
            raise ScenarioStuck(f"not finished after {MAX_REDRIVES} redrives: {self.failures}")
        self.rest()
        self.clock.wait()
        self.workflow.redrive()

    def rest(self) -> None:
        """Wait until a dead function's siblings have finished.

        Otherwise the clock would jump past the lease of a call that is still in flight.
        """
        while self._in_progress:
            time.sleep(0.01)

    def _failure(self) -> str:
        found = self.workflow.wait()
        return f"{found['status']}: {found.get('error')}: {found.get('cause', '')[:200]}"

    def snapshot(self) -> Snapshot:
        """Return a snapshot of the data that the run left behind."""
        name = self.generation
        items = self.workflow.items("")
        return Snapshot(
            end=self.workflow.wait()["status"],
            table=Counter(item_text(item, name) for item in items),
            objects=counted(_objects(), name),
            mails=counted((f"{m.destinations} {m.subject} {m.body}" for m in self.sent()), name),
            publications=counted(set(self.announced), name),
            paid=self.workflow.paid(),
        )

    def sent(self) -> list[Any]:
        """Return the emails sent so far."""
        return self.workflow.mails()


class _FaultyClient:
    """A service client of the interpreter whose calls can fail."""

    def __init__(self, client: Any, run: MotoRun) -> None:
        self._client, self._run = client, run

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            plan = self._run.plan
            invocation = plan.begin("state machine", name)
            mode = plan.fault_mode(invocation.next_point(name))
            if mode is Mode.BEFORE:
                raise _service_error(name)
            answer = getattr(self._client, name)(**parameters)
            if name == "put_events":
                entries = parameters["Entries"]
                self._run.announced += [
                    f"{entry['DetailType']} {entry['Detail']}" for entry in entries
                ]
            if mode is not None:
                raise _service_error(name)
            return answer

        return call


def _service_error(name: str) -> Exception:
    if name == "put_events":
        refused: Exception = events_task.SfnFailedEntryCountException({"FailedEntryCount": 1})
        return refused
    answer: Any = {
        "Error": {"Code": "InternalServerError", "Message": "injected by the drill"},
        "ResponseMetadata": {"HTTPStatusCode": 500, "RequestId": "drill"},
    }
    return ClientError(answer, name)


def _check_once(event: dict[str, Any]) -> Any:
    """Run each check only once and cache its evidence, because the sandbox is deterministic."""
    name = hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()
    if name not in _evidence:
        evidence = moto_engine.handler("check_code")(event, None)
        _evidence[name] = evidence | {"duration_ms": 0}
    return _evidence[name]


def _objects() -> Iterator[str]:
    s3 = boto3.client("s3")
    for entry in s3.list_objects_v2(Bucket=aws.BUCKET).get("Contents", []):
        body = s3.get_object(Bucket=aws.BUCKET, Key=entry["Key"])["Body"].read().decode()
        yield f"{entry['Key']} {body}"


@contextmanager
def practice_models() -> Iterator[PracticeServer]:
    """Start practice models whose answers are deterministic."""
    with deterministic_models(), PracticeServer(latency_factor=0) as server:
        yield server


@contextmanager
def moto_run(practice: PracticeServer, plan: FaultPlan) -> Iterator[MotoRun]:
    """Create a fresh deployment on moto with all outside calls under the fault plan."""
    from coursewright.settings import settings

    moto_engine.patch_moto()
    hooks.install()
    hooks.install_http()
    plain_run, plain_clock = moto_engine.run_function, wiring.clock
    plain_clients = dynamodb_task.boto_client_for, events_task.boto_client_for
    with cached_clients(), aws.storage(), environment({"REVIEW_TIMEOUT_SECONDS": "864000"}):
        settings.cache_clear()
        run = MotoRun(practice, plan)
        moto_engine.run_function = run.invoke
        replaced: Any = wiring
        replaced.clock = lambda: run.clock
        dynamodb_task.boto_client_for = run.service_client(plain_clients[0])
        events_task.boto_client_for = run.service_client(plain_clients[1])
        hooks.state.plan = plan
        try:
            yield run
        finally:
            run.rest()
            hooks.state.plan = None
            moto_engine.run_function, wiring.clock = plain_run, plain_clock
            dynamodb_task.boto_client_for, events_task.boto_client_for = plain_clients
            settings.cache_clear()


def run_scenario(
    practice: PracticeServer, scenario: Scenario, faults: tuple[Fault, ...]
) -> tuple[FaultPlan, Snapshot, int]:
    """Run a scenario with its faults to completion."""
    plan = FaultPlan(faults)
    with moto_run(practice, plan) as run:
        scenario.complete(run)
        return plan, run.snapshot(), run.redrives
