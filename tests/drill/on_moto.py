"""One case on moto's interpreter: a generation, a fault, an operator, a reviewer."""

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

from coursewright import wiring, wiring_secrets
from local.emulator.settings import environment
from local.practice.server import PracticeServer
from tests import aws
from tests.drill import hooks
from tests.drill.caching import clients_kept, steady_models
from tests.drill.clock import DrillClock
from tests.drill.fault_points import (
    ANSWER,
    SECRETS,
    Director,
    Fault,
    Killed,
    Mode,
    RuntimeExited,
    task_of,
)
from tests.drill.scenarios import Story, StoryStuck, Visitor
from tests.drill.snapshot import Remains, counted, item_text
from tests.workflow import moto_engine
from tests.workflow.conftest import SITE, Workflow, over_handlers

MAX_REDRIVES = 8
AnswerLost = type("Lambda.SdkClientException", (RuntimeExited,), {})
_evidence: dict[str, Any] = {}


class MotoRun:
    """A run of a story under a director."""

    def __init__(self, practice: PracticeServer, director: Director) -> None:
        self.director = director
        self.clock = DrillClock()
        self.practice = practice
        self.workflow = Workflow(practice)
        self.generation = ""
        self.redrives = 0
        self.announced: list[str] = []
        self.failures: list[str] = []
        self._at_work: dict[object, str] = {}
        self._last = ""

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Run a function as Lambda does: it may die, and its answer may get lost."""
        if function == "check_code":
            return _checked(event)
        token = object()
        self._at_work[token] = function
        try:
            answer = self._invoke(function, event)
            self._last = function
        finally:
            del self._at_work[token]
        return answer

    def _invoke(self, function: str, event: dict[str, Any]) -> Any:
        for name in SECRETS:
            getattr(wiring_secrets, name).cache_clear()  # a cold start reads them
        invocation = self.director.begin(function, task_of(event))
        context = moto_engine.lambda_context(function, len(moto_engine.invocations))
        moto_engine.invocations.append((function, event))
        with hooks.at_work(invocation):
            try:
                answer = moto_engine.handler(function)(event, context)
            except Killed:
                raise RuntimeExited(f"{function} died") from None
        mode = self.director.order(invocation.next_point(ANSWER))
        if mode is Mode.LOST:
            raise AnswerLost
        if mode is not None:
            raise RuntimeExited(f"{function} died after its work")
        return answer

    def engine_client(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        """Let the engine's own calls fail as a service's answer does."""

        def client_for(*args: Any, **names: Any) -> Any:
            return _EngineClient(plain(*args, **names), self)

        return client_for

    def start(self, lesson: str, brief: Mapping[str, Any]) -> None:
        """Hand the event over, and note which execution it has."""
        started = self.workflow.publish(self.workflow.event(lesson, **brief))
        prefix = os.environ["STATE_MACHINE_ARN"].replace(":stateMachine:", ":execution:")
        self.workflow.execution = f"{prefix}:{started['execution']}"
        self.generation = started["generation"]

    def status(self) -> str:
        """Return the execution's status; asking the engine costs more than a function's call."""
        if self._at_work:
            return "RUNNING"
        found = self.workflow.engine.describe_execution(executionArn=self.workflow.execution)
        status: str = found["status"]
        return status

    def pause(self) -> None:
        """Let the interpreter's threads work."""
        time.sleep(0.01)

    def asks_for_review(self, round_number: int) -> bool:
        """Return whether the run waits for a decision of this round."""
        waits = self._last == "request_review" and not self._at_work
        return waits and bool(self.sent()) and self._review(round_number) is not None

    def reviewer(self) -> Visitor:
        """Return the reader of the newest mail."""
        return Visitor(self.sent()[-1].body, over_handlers, SITE)

    def is_decided(self) -> bool:
        """Return whether no review is pending."""
        items = self.workflow.items("REVIEW#")
        return all(one.get("decision", {}).get("S") != "pending" for one in items)

    def sweep(self) -> None:
        """Let the schedule pass."""
        for _ in range(3):
            with suppress(RuntimeExited):
                self.invoke("sweep_reviews", {})
                return

    def _review(self, round_number: int) -> Any:
        place = f"REVIEW#{self.generation}#{round_number}"
        items = self.workflow.items(place)
        return next((one for one in items if one["SK"]["S"] == "META"), None)

    def redrive(self) -> None:
        """Redrive as an operator does, some time later."""
        self.redrives += 1
        self.failures.append(self._failure())
        if self.redrives > MAX_REDRIVES:
            raise StoryStuck(f"not through after {MAX_REDRIVES} redrives: {self.failures}")
        self.rest()
        self.clock.wait()
        self.workflow.redrive()

    def rest(self) -> None:
        """Let the siblings of a dead function end: none of them outlives the operator's patience.

        Without this the clock would jump past the lease of a call that is really in flight.
        """
        while self._at_work:
            time.sleep(0.01)

    def _failure(self) -> str:
        found = self.workflow.wait()
        return f"{found['status']}: {found.get('error')}: {found.get('cause', '')[:200]}"

    def remains(self) -> Remains:
        """Collect what is left."""
        name = self.generation
        items = self.workflow.items("")
        return Remains(
            end=self.workflow.wait()["status"],
            table=Counter(item_text(item, name) for item in items),
            objects=counted(_objects(), name),
            mails=counted((f"{m.destinations} {m.subject} {m.body}" for m in self.sent()), name),
            publications=counted(set(self.announced), name),
            paid=self.workflow.paid(),
        )

    def sent(self) -> list[Any]:
        """Return the mails."""
        return self.workflow.mails()


class _EngineClient:
    """A client in the engine's hands."""

    def __init__(self, client: Any, run: MotoRun) -> None:
        self._client, self._run = client, run

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            director = self._run.director
            invocation = director.begin("engine", name)
            mode = director.order(invocation.next_point(name))
            if mode is Mode.BEFORE:
                raise _service_error(name)
            answer = getattr(self._client, name)(**parameters)
            if name == "put_events":
                entries = parameters["Entries"]
                self._run.announced += [f"{one['DetailType']} {one['Detail']}" for one in entries]
            if mode is not None:
                raise _service_error(name)
            return answer

        return call


def _service_error(name: str) -> Exception:
    if name == "put_events":
        refused: Exception = events_task.SfnFailedEntryCountException({"FailedEntryCount": 1})
        return refused
    answer: Any = {
        "Error": {"Code": "InternalServerError", "Message": "the drill's"},
        "ResponseMetadata": {"HTTPStatusCode": 500, "RequestId": "drill"},
    }
    return ClientError(answer, name)


def _checked(event: dict[str, Any]) -> Any:
    """The sandbox gives the same evidence for the same code: it is asked once per process."""
    name = hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()
    if name not in _evidence:
        evidence = moto_engine.handler("check_code")(event, None)
        _evidence[name] = evidence | {"duration_ms": 0}
    return _evidence[name]


def _objects() -> Iterator[str]:
    s3 = boto3.client("s3")
    for one in s3.list_objects_v2(Bucket=aws.BUCKET).get("Contents", []):
        body = s3.get_object(Bucket=aws.BUCKET, Key=one["Key"])["Body"].read().decode()
        yield f"{one['Key']} {body}"


@contextmanager
def practice_models() -> Iterator[PracticeServer]:
    """Return practice models whose answers are always the same."""
    with steady_models(), PracticeServer(latency_factor=0) as server:
        yield server


@contextmanager
def directed_run(practice: PracticeServer, director: Director) -> Iterator[MotoRun]:
    """Return a fresh deployment on moto whose every outside call the director sees."""
    from coursewright.settings import settings

    moto_engine.patch_moto()
    hooks.install()
    hooks.install_http()
    plain_run, plain_clock = moto_engine.run_function, wiring.clock
    plain_clients = dynamodb_task.boto_client_for, events_task.boto_client_for
    with clients_kept(), aws.storage(), environment({"REVIEW_TIMEOUT_SECONDS": "864000"}):
        settings.cache_clear()
        run = MotoRun(practice, director)
        moto_engine.run_function = run.invoke
        wiring.clock = lambda: run.clock  # type: ignore[assignment]
        dynamodb_task.boto_client_for = run.engine_client(plain_clients[0])
        events_task.boto_client_for = run.engine_client(plain_clients[1])
        hooks.stage.orders = director
        try:
            yield run
        finally:
            run.rest()
            hooks.stage.orders = None
            moto_engine.run_function, wiring.clock = plain_run, plain_clock
            dynamodb_task.boto_client_for, events_task.boto_client_for = plain_clients
            settings.cache_clear()


def play(
    practice: PracticeServer, story: Story, faults: tuple[Fault, ...]
) -> tuple[Director, Remains, int]:
    """Play a story with its faults to its end."""
    director = Director(faults)
    with directed_run(practice, director) as run:
        story.play(run)
        return director, run.remains(), run.redrives
