"""Moto's Step Functions interpreter with functions that run in this process.

Each patch's docstring describes the defect of moto 5.2.5 that it fixes.
"""

import importlib.util
import json
import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import moto.awslambda_simple.models as simple_lambda
import moto.dynamodb.responses as dynamodb_responses
import moto.s3.responses as s3_responses
import moto.stepfunctions.parser.asl.component.common.retry.retrier_decl as retrier
import moto.stepfunctions.parser.asl.eval.environment as environment
import moto.stepfunctions.parser.asl.eval.states as states
import moto.stepfunctions.parser.asl.eval.variable_store as variable_store
import moto.stepfunctions.parser.asl.jsonata.jsonata as moto_jsonata
import moto.stepfunctions.parser.models as parser_models
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from tests.workflow.moto_endings import patch_endings
from tests.workflow.moto_speed import evaluate, speed_up

FUNCTIONS = Path(__file__).parents[2] / "functions"
Handler = Callable[[dict[str, Any], Any], Any]
RESUME = "Resume"
IDENTITY = ("Id", "Name", "StartTime")
redrives: dict[str, dict[str, Any]] = {}  # original identities by redriving execution
identities: dict[str, dict[str, Any]] = {}  # each execution's identity in its context object
invocations: list[tuple[str, dict[str, Any]]] = []
interceptors: dict[str, Callable[[dict[str, Any]], None]] = {}
_running: set[object] = set()  # calls
_changed = threading.Condition()


@cache
def handler(function: str) -> Handler:
    """Load a function from its file, like Lambda."""
    path = FUNCTIONS / function / "app.py"
    spec = importlib.util.spec_from_file_location(f"functions_{function}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    loaded: Handler = module.handler
    return loaded


def lambda_context(function: str, number: int) -> SimpleNamespace:
    """Return the part of the Lambda context that handlers use."""
    return SimpleNamespace(
        aws_request_id=f"{function}-{number}",
        function_name=function,
        memory_limit_in_mb=512,
        invoked_function_arn=f"arn:aws:lambda:eu-west-1:123456789012:function:{function}",
        get_remaining_time_in_millis=lambda: 300_000,
    )


def run_function(function: str, event: dict[str, Any]) -> Any:
    """Run a function in this process, after the test's interceptor if any."""
    invocations.append((function, event))
    with _counted():
        if function in interceptors:
            interceptors[function](event)
        return handler(function)(event, lambda_context(function, len(invocations)))


@contextmanager
def _counted() -> Iterator[None]:
    call = object()
    with _changed:
        _running.add(call)
    try:
        yield
    finally:
        with _changed:
            _running.remove(call)
            _changed.notify_all()


def settle(seconds: float = 10) -> None:
    """Wait for running functions, which would otherwise write to the next test's table."""
    with _changed:
        _changed.wait_for(lambda: not _running, seconds)


def _invoke(
    self: object,
    function_name: str,
    qualifier: object,
    body: Any,
    headers: Any,
    response_headers: Any,
) -> bytes:
    """Run the real handler and report its errors like Lambda; moto returns a fixed text."""
    name = function_name.rsplit(":function:", maxsplit=1)[-1].split(":", maxsplit=1)[0]
    try:
        return json.dumps(run_function(name, json.loads(body or "{}"))).encode()
    except Exception as error:  # noqa: BLE001 – whatever a function raises becomes its answer
        response_headers["x-amz-function-error"] = "Unhandled"
        trace = traceback.format_tb(error.__traceback__)
        answer = {"errorMessage": str(error), "errorType": type(error).__name__}
        return json.dumps(answer | {"stackTrace": trace}).encode()


def _declarations(bindings: dict[str, Any]) -> str:
    """Escape string variables; in moto, a quote or newline breaks every later expression."""
    return "".join(f"{name}:={to_json_str(value)};" for name, value in bindings.items())


def _assigned_variables(self: Any) -> dict[str, str]:
    return {name: json.dumps(self.get(name)) for name in self._declaration_tracing}


def _fix_context() -> None:
    """Add RedriveCount, which moto lacks, and keep Map, which moto drops in nested states."""
    plain_init = states.States.__init__

    def init(self: Any, context: Any) -> None:
        context["Execution"].setdefault("RedriveCount", 0)
        execution = context["Execution"]
        execution |= redrives.get(execution["Id"], {})
        identities[execution["Id"]] = {
            name: execution[name] for name in ("Id", "Name", "StartTime")
        }
        plain_init(self, context)

    plain_frame = environment.Environment.as_inner_frame_of.__func__

    def frame(cls: Any, env: Any, *args: Any, **names: Any) -> Any:
        inner = plain_frame(cls, env, *args, **names)
        outer = env.states.context_object.context_object_data
        if "Map" in outer:
            inner.states.context_object.context_object_data["Map"] = outer["Map"]
        return inner

    states.States.__init__ = init
    environment.Environment.as_inner_frame_of = classmethod(frame)


def _serialise_writes(owner: Any, method: str) -> None:
    """Serialise calls; moto's DynamoDB loses concurrent writes, and S3 closes replaced objects."""
    turnstile = threading.RLock()
    plain = getattr(owner, method)

    def call(self: Any, *args: Any, **names: Any) -> Any:
        with turnstile:
            return plain(self, *args, **names)

    setattr(owner, method, call)


def _fix_history() -> None:
    """Drop invalid timeouts, which moto can record for stopped siblings and then rejects."""
    plain_history = parser_models.StepFunctionsParserBackend.get_execution_history

    def history(self: Any, *args: Any, **names: Any) -> Any:
        answer = plain_history(self, *args, **names)
        for event in answer["events"]:
            details = event.get("taskScheduledEventDetails") or {}
            for name in ("timeoutInSeconds", "heartbeatInSeconds"):
                if not isinstance(details.get(name, 0), int):
                    del details[name]
        return answer

    parser_models.StepFunctionsParserBackend.get_execution_history = history


def _fix_task_tokens() -> None:
    """Wait for new executions before resuming; moto offers a token to all and fails on these."""
    plain_success = parser_models.StepFunctionsParserBackend.send_task_success

    def send_task_success(self: Any, *args: Any, **names: Any) -> Any:
        end = time.monotonic() + 5
        for execution in self._get_executions("RUNNING"):
            while not getattr(execution.exec_worker, "env", None) and time.monotonic() < end:
                time.sleep(0.01)
        return plain_success(self, *args, **names)

    parser_models.StepFunctionsParserBackend.send_task_success = send_task_success


@cache
def patch_moto() -> None:
    """Patch moto once per process."""
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    simple_lambda.LambdaSimpleBackend.invoke = _invoke
    moto_jsonata._eval_jsonata = evaluate
    retrier.time = SimpleNamespace(sleep=lambda seconds: None)
    for module in (moto_jsonata, states, variable_store):
        module.encode_jsonata_variable_declarations = _declarations
    variable_store.VariableStore.get_assigned_variables = _assigned_variables
    _fix_context()
    _serialise_writes(dynamodb_responses.DynamoHandler, "call_action")
    _serialise_writes(s3_responses.S3Response, "_key_response")
    _fix_history()
    _fix_task_tokens()
    patch_endings()
    speed_up()


def redriven(definition: str, events: list[dict[str, Any]]) -> tuple[str, str]:
    """Return the definition and input for a redrive that re-enters the failed state.

    Moto has no RedriveExecution. As on AWS, variables assigned earlier are restored.
    """
    machine = json.loads(definition)
    entered: list[tuple[str, str]] = []
    variables: dict[str, Any] = {}
    for event in events:
        details = event.get("stateEnteredEventDetails") or event.get("stateExitedEventDetails")
        if details is None or details["name"] not in {*machine["States"], RESUME}:
            continue
        if event["type"].endswith("StateEntered"):
            entered.append((details["name"], details.get("input", "{}")))
            continue
        entered = [state for state in entered if state[0] != details["name"]]
        assigned = details.get("assignedVariables") or {}
        variables |= {name: json.loads(value) for name, value in assigned.items()}
    name, state_input = entered[-1]
    resume = {"Type": "Pass", "Assign": variables, "Next": name}
    machine["States"] = {RESUME: resume} | machine["States"]
    machine["StartAt"] = RESUME
    return json.dumps(machine), state_input
