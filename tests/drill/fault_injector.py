"""Directs every generation on one laptop cloud: its functions, its engine, its model calls."""

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
from tests.drill.fault_points import Director, Fault, Mode, Point, task_of

FUNCTION = re.compile(r"-([A-Za-z]+)Function-")
ASIDE = "sweep_generations"  # its schedule may come at any moment, and tell of runs that stopped
ENGINE_ERRORS = {
    "putItem": "DynamoDB.InternalServerErrorException",
    "getItem": "DynamoDB.InternalServerErrorException",
    "putEvents": "EventBridge.FailedEntry",
}


@dataclass
class Directed:
    """A generation and its director, and what of it is at work."""

    generation: str
    director: Director
    waits: int = 0
    last: str = ""
    at_work: list[str] = field(default_factory=list)

    def orders(self, function: str, task: str) -> tuple[dict[str, Any], Fault | None]:
        """Say what is told to the worker that runs a function now."""
        begun = self.director.begin(function, task)
        place = (begun.function, begun.task, begun.occurrence)
        fault = self.director.fault_at(place)
        told: dict[str, Any] = {"generation": self.generation, "function": function, "task": task}
        told |= {"occurrence": begun.occurrence}
        told |= {"later_seconds": self.waits * PATIENCE.total_seconds()}
        return told | ({"number": fault.point.number, "mode": fault.mode} if fault else {}), fault

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Say that something is at work for a while."""
        self.at_work.append(what)
        try:
            yield
        finally:
            self.at_work.remove(what)

    def note(self, told: dict[str, Any], fault: Fault | None, reply: dict[str, Any]) -> None:
        """Take note of what became of an invocation."""
        place = told["function"], told["task"], told["occurrence"]
        self.director.seen += [Point(*place, *one) for one in reply.pop("seen", ())]
        if fault and (reply.get("ended") or reply.pop("has_struck", False)):
            self.director.struck.append(fault)
        # An event that is handled once more may be late: the run has long gone on by then.
        if reply["status"] == "ok" and told["function"] != "start_generation":
            self.last = told["function"]


class Backstage:
    """The directors of one laptop cloud."""

    def __init__(self) -> None:
        self.directed: dict[str, Directed] = {}  # by generation
        self.modules: dict[str, Directed] = {}
        self.paid: list[tuple[str, str, str]] = []  # generation, tool, prompt
        self._asking = threading.local()
        self._evidence: dict[str, dict[str, Any]] = {}

    def find(self, event: Any) -> Directed | None:
        """Find whose invocation an event is."""
        if not isinstance(event, dict):
            return None
        if event.get("detail-type") == "Module Published":
            return self.modules.get(event["detail"]["module"]["id"])
        name = event.get("generation") or (event.get("headers") or {}).get("x-drill")
        return self.directed.get(name) if isinstance(name, str) else None

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Direct the cloud of this process for a while."""
        with ExitStack() as stack:
            enter = stack.enter_context
            enter(patch.object(lambda_workers, "BOOTSTRAP", Path(worker.__file__)))
            enter(patch.object(lambda_workers, "LaptopWorker", self._worker_class()))
            plain = stepfunctions._invoke_resource_with_timeout
            call = self._engine_call(plain)
            enter(patch.object(stepfunctions, "_invoke_resource_with_timeout", call))
            enter(patch.object(server._Handler, "do_POST", self._served(server._Handler.do_POST)))
            enter(patch.object(server, "_call", self._counted(server._call)))
            yield

    def _worker_class(self) -> type[lambda_workers.LaptopWorker]:
        backstage = self

        class DirectedWorker(lambda_workers.LaptopWorker):
            """A worker that is told with each call what to break."""

            told: dict[str, Any]

            def _send(self, message: dict[str, Any]) -> None:
                is_call = "event" in message
                super()._send(message | {"drill": self.told} if is_call else message)

            def invoke(self, event: Any, request_id: str, **names: Any) -> dict[str, Any]:
                """Run one invocation as its director wants it."""
                self.told = {}
                invoke = super().invoke
                function = function_of(self.config["FunctionName"])
                if function == ASIDE:
                    return {"status": "ok", "result": {}}
                if function == "check_code":
                    return backstage.checked(event, lambda: invoke(event, request_id, **names))
                directed = backstage.find(event)
                if directed is None:
                    return invoke(event, request_id, **names)
                self.told, fault = directed.orders(function, task_of(event))
                with directed.working(function):
                    reply = invoke(event, request_id, **names)
                    directed.note(self.told, fault, reply)
                return reply

        return DirectedWorker

    def checked(self, event: Any, check: Any) -> dict[str, Any]:
        """The sandbox gives the same evidence for the same code: it is asked once."""
        name = json.dumps(event, sort_keys=True)
        if name not in self._evidence:
            reply = check()
            if reply["status"] != "ok":
                return dict(reply)
            self._evidence[name] = reply
        return dict(self._evidence[name])

    def _engine_call(self, plain: Any) -> Any:
        def call(resource: str, arguments: Any, timeout: float) -> Any:
            name = resource.rpartition(":")[2]
            directed = self._named_in(arguments)
            if directed is None:
                return plain(resource, arguments, timeout)
            if name not in ENGINE_ERRORS:
                with directed.working(resource):
                    return plain(resource, arguments, timeout)
            begun = directed.director.begin("engine", name)
            mode = directed.director.order(begun.next_point(name))
            if mode is Mode.BEFORE:
                raise stepfunctions._ExecutionError(ENGINE_ERRORS[name], "the drill's")
            answer = plain(resource, arguments, timeout)
            if mode is not None:
                raise stepfunctions._ExecutionError(ENGINE_ERRORS[name], "the drill's")
            return answer

        return call

    def _named_in(self, arguments: Any) -> Directed | None:
        text = json.dumps(arguments)
        return next((one for name, one in self.directed.items() if name in text), None)

    def _served(self, plain: Any) -> Any:
        def do_post(handler: Any) -> None:
            self._asking.generation = handler.headers.get("x-drill", "")
            plain(handler)

        return do_post

    def _counted(self, plain: Any) -> Any:
        def call(request: Any, status: Any) -> Any:
            made = plain(request, status)
            if made.status == 200:
                self.paid.append((self._asking.generation, made.tool, made.prompt_sha256))
            return made

        return call


def function_of(name: str) -> str:
    """Return the function's folder from the name that its deployment gave it."""
    found = FUNCTION.search(name)
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", found[1] if found else name)
    return words.lower()
