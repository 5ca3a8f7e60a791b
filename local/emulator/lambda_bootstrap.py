"""Runs one Lambda execution environment: a child process that imports a handler once and calls it.

Ministack's own worker script loses the exception's class, mixes the handler's standard output with
its protocol and outlives a killed parent. AWS reports `errorType` and `stackTrace`, separates
output from protocol, and no environment survives its service. `lambda_workers` runs this file but
never imports it. It uses the standard library only, because its imports precede every handler's.
"""

import importlib
import json
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TextIO

END_OF_LOG = "\x00end of log\x00"
PER_CALL_VARIABLES = {"_X_AMZN_TRACE_ID": "trace_id"}


@dataclass(frozen=True)
class Context:
    """The context object that AWS passes to a Python handler."""

    function_name: str
    function_version: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    aws_request_id: str
    log_group_name: str
    log_stream_name: str
    deadline: float
    identity: None = None
    client_context: None = None
    tenant_id: None = field(default=None)

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining run time of the handler."""
        return max(0, int((self.deadline - time.time()) * 1000))


def failure(error: BaseException, error_type: str | None = None) -> dict[str, Any]:
    """Describe an exception like the Lambda runtime."""
    frames = traceback.extract_tb(error.__traceback__)
    own_frames = [frame for frame in frames if frame.filename != __file__]
    return {
        "status": "error",
        "error": str(error),
        "error_type": error_type or type(error).__name__,
        "stack": traceback.format_list(own_frames),
    }


def load(handler: str) -> Callable[[Any, Context], Any]:
    """Import the handler, as `module.function` or `package/module.function`."""
    module_name, _, function_name = handler.rpartition(".")
    module = importlib.import_module(module_name.replace("/", "."))
    loaded: Callable[[Any, Context], Any] = getattr(module, function_name)
    return loaded


def initialise(handler: str) -> tuple[Callable[[Any, Context], Any] | None, dict[str, Any]]:
    """Load the handler and return the result, with AWS's error names."""
    try:
        return load(handler), {"status": "ready"}
    except ImportError as error:
        return None, failure(error, "Runtime.ImportModuleError")
    except AttributeError as error:
        return None, failure(error, "Runtime.HandlerNotFound")
    except SyntaxError as error:
        return None, failure(error, "Runtime.UserCodeSyntaxError")
    except Exception as error:  # noqa: BLE001 - any exception of a module is reported to its caller
        return None, failure(error)


def invoke(handler: Callable[[Any, Context], Any], event: Any, context: Context) -> dict[str, Any]:
    """Call the handler once and return its result or exception as a reply."""
    try:
        result = handler(event, context)
    except Exception as error:  # noqa: BLE001 - any exception of a handler is reported to its caller
        return failure(error)
    try:
        return {"status": "ok", "result": json.loads(json.dumps(result))}
    except (TypeError, ValueError) as error:
        return failure(error, "Runtime.MarshalError")


def context_of(call: dict[str, Any]) -> Context:
    """Build a call's context object, using the environment as well."""
    name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    return Context(
        function_name=name,
        function_version=os.environ["AWS_LAMBDA_FUNCTION_VERSION"],
        invoked_function_arn=call["invoked_function_arn"],
        memory_limit_in_mb=os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
        aws_request_id=call["request_id"],
        log_group_name=os.environ["AWS_LAMBDA_LOG_GROUP_NAME"],
        log_stream_name=os.environ["AWS_LAMBDA_LOG_STREAM_NAME"],
        deadline=time.time() + call["timeout_seconds"],
    )


def set_call_variables(call: dict[str, Any]) -> None:
    """Update the environment variables that change with every invocation."""
    for variable, key in PER_CALL_VARIABLES.items():
        os.environ.pop(variable, None)
        if call.get(key):
            os.environ[variable] = call[key]


def private_streams() -> tuple[TextIO, TextIO]:
    """Detach the protocol's pipes from standard input and output; printed text goes to the log."""
    calls, replies = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    return os.fdopen(calls, encoding="utf-8"), os.fdopen(replies, "w", encoding="utf-8")


def read_calls(source: TextIO, calls: "queue.SimpleQueue[str]") -> None:
    """Queue the parent's calls; exit when the parent is gone, even while a handler runs."""
    for line in source:
        calls.put(line)
    os._exit(0)


def main() -> None:
    """Serve invocations until the parent exits."""
    source, replies = private_streams()
    calls: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=read_calls, args=(source, calls), daemon=True).start()

    def reply(message: dict[str, Any]) -> None:
        sys.stdout.flush()
        sys.stderr.write(f"\n{END_OF_LOG}\n")
        sys.stderr.flush()
        replies.write(json.dumps(message) + "\n")
        replies.flush()

    first = json.loads(calls.get())
    sys.path[:0] = first["paths"]
    handler, message = initialise(first["handler"])
    reply(message)
    while handler is not None:
        call = json.loads(calls.get())
        set_call_variables(call)
        reply(invoke(handler, call["event"], context_of(call)))


if __name__ == "__main__":
    main()
