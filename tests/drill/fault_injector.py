"""Injects faults into functions, service calls and model calls on a laptop cloud."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from local.emulator import lambda_workers

# isort: split
from ministack.services import stepfunctions

from local.practice import server
from tests.drill import worker
from tests.drill.clock import PATIENCE
from tests.drill.fault_points import Fault, FaultPlan, Mode, Point, task_of

FUNCTION = re.compile(r"-([A-Za-z]+)Function-")
IGNORED = "sweep_generations"  # runs on a schedule at any time, and would report stopped runs
SERVICE_ERRORS = {
    "putItem": "DynamoDB.InternalServerErrorException",
    "getItem": "DynamoDB.InternalServerErrorException",
    "putEvents": "EventBridge.FailedEntry",
}


@dataclass
class TrackedGeneration:
    """A generation with its fault plan and its running functions and service calls."""

    generation: str
    plan: FaultPlan
    waits: int = 0
    last: str = ""
    in_progress: list[str] = field(default_factory=list)

    def instructions(self, function: str, task: str) -> tuple[dict[str, Any], Fault | None]:
        """Return the worker's instructions for this invocation, and its fault if any."""
        begun = self.plan.begin(function, task)
        place = (begun.function, begun.task, begun.occurrence)
        fault = self.plan.fault_at(place)
        instructions: dict[str, Any] = {
            "generation": self.generation,
            "function": function,
            "task": task,
            "occurrence": begun.occurrence,
            "later_seconds": self.waits * PATIENCE.total_seconds(),
        }
        if fault:
            instructions |= {"number": fault.point.number, "mode": fault.mode}
        return instructions, fault

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """Mark a function or service call as in progress while the block runs."""
        self.in_progress.append(name)
        try:
            yield
        finally:
            self.in_progress.remove(name)

    def record(self, call: dict[str, Any], fault: Fault | None, reply: dict[str, Any]) -> None:
        """Record the outcome of an invocation."""
        place = call["function"], call["task"], call["occurrence"]
        self.plan.seen += [Point(*place, *seen) for seen in reply.pop("seen", ())]
        if fault and (reply.get("ended") or reply.pop("has_struck", False)):
            self.plan.struck.append(fault)
        # A repeated event may be handled long after the execution has started.
        if reply["status"] == "ok" and call["function"] != "start_generation":
            self.last = call["function"]


class LaptopFaultInjector:
    """The fault plans of all generations on one laptop cloud."""

    def __init__(self) -> None:
        self.tracked: dict[str, TrackedGeneration] = {}  # by generation
        self.modules: dict[str, TrackedGeneration] = {}
        self.paid: list[tuple[str, str, str]] = []  # generation, tool, prompt
        self._caller = threading.local()
        self._evidence: dict[str, dict[str, Any]] = {}

    def find(self, event: Any) -> TrackedGeneration | None:
        """Return the generation that an event belongs to, or None."""
        if not isinstance(event, dict):
            return None
        if event.get("detail-type") == "Module Published":
            return self.modules.get(event["detail"]["module"]["id"])
        name = event.get("generation") or (event.get("headers") or {}).get("x-drill")
        return self.tracked.get(name) if isinstance(name, str) else None

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Patch this process's emulator while the block runs."""
        with ExitStack() as stack:
            enter = stack.enter_context
            enter(patch.object(lambda_workers, "BOOTSTRAP", Path(worker.__file__)))
            enter(patch.object(lambda_workers, "LocalWorker", self._worker_class()))
            call = self._service_call(stepfunctions._invoke_resource_with_timeout)
            enter(patch.object(stepfunctions, "_invoke_resource_with_timeout", call))
            do_post = self._with_caller(server._Handler.do_POST)
            enter(patch.object(server._Handler, "do_POST", do_post))
            enter(patch.object(server, "_build_call", self._recording_payment(server._build_call)))
            yield

    def _worker_class(self) -> type[lambda_workers.LocalWorker]:
        injector = self

        class FaultInjectingWorker(lambda_workers.LocalWorker):
            """A worker that receives fault instructions with each invocation."""

            instructions: dict[str, Any]

            def _send(self, message: dict[str, Any]) -> None:
                is_call = "event" in message
                super()._send(message | {"drill": self.instructions} if is_call else message)

            def invoke(self, event: Any, request_id: str, **names: Any) -> dict[str, Any]:
                """Run one invocation, with a fault if planned."""
                self.instructions = {}
                invoke = super().invoke
                function = function_of(self.config["FunctionName"])
                if function == IGNORED:
                    return {"status": "ok", "result": {}}
                if function == "check_code":
                    return injector.check_once(event, lambda: invoke(event, request_id, **names))
                tracked = injector.find(event)
                if tracked is None:
                    return invoke(event, request_id, **names)
                self.instructions, fault = tracked.instructions(function, task_of(event))
                with tracked.running(function):
                    reply = invoke(event, request_id, **names)
                    tracked.record(self.instructions, fault, reply)
                return reply

        return FaultInjectingWorker

    def check_once(self, event: Any, check: Any) -> dict[str, Any]:
        """Run each check only once and cache its evidence, because the sandbox is deterministic."""
        key = json.dumps(event, sort_keys=True)
        if key not in self._evidence:
            reply = check()
            if reply["status"] != "ok":
                return dict(reply)
            self._evidence[key] = reply
        return dict(self._evidence[key])

    def _service_call(self, plain: Any) -> Any:
        def call(resource: str, arguments: Any, timeout: float) -> Any:
            name = resource.rpartition(":")[2]
            tracked = self._generation_in(arguments)
            if tracked is None:
                return plain(resource, arguments, timeout)
            if name not in SERVICE_ERRORS:
                with tracked.running(resource):
                    return plain(resource, arguments, timeout)
            begun = tracked.plan.begin("state machine", name)
            mode = tracked.plan.fault_mode(begun.next_point(name))
            if mode is Mode.BEFORE:
                raise stepfunctions._ExecutionError(SERVICE_ERRORS[name], "injected by the drill")
            answer = plain(resource, arguments, timeout)
            if mode is not None:
                raise stepfunctions._ExecutionError(SERVICE_ERRORS[name], "injected by the drill")
            return answer

        return call

    def _generation_in(self, arguments: Any) -> TrackedGeneration | None:
        text = json.dumps(arguments)
        return next((found for name, found in self.tracked.items() if name in text), None)

    def _with_caller(self, plain: Any) -> Any:
        def do_post(handler: Any) -> None:
            self._caller.generation = handler.headers.get("x-drill", "")
            plain(handler)

        return do_post

    def _recording_payment(self, plain: Any) -> Any:
        def call(request: Any, status: Any) -> Any:
            recorded = plain(request, status)
            if recorded.status == 200:
                paid = self._caller.generation, recorded.tool, recorded.prompt_sha256
                self.paid.append(paid)
            return recorded

        return call


def function_of(name: str) -> str:
    """Return the folder of the function with this deployed name."""
    deployed = FUNCTION.search(name)
    return re.sub(r"(?<!^)(?=[A-Z])", "_", deployed[1] if deployed else name).lower()
