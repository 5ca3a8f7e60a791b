"""Defects of ministack 1.5.33 in asynchronous invocation.

A template's `DeadLetterQueue` is ignored, and a dead-letter queue would receive the envelope of an
on-failure destination. On AWS the queue receives the event itself, with the error as attributes,
and a destination receives the envelope. The pauses between attempts, minutes on AWS, are shortened.
"""

import contextvars
import json
import threading
import time
import uuid
from functools import cache
from typing import Any

from ministack.services import lambda_svc

from local.emulator.patch_point import patch_points, resource_handler
from local.emulator.queue_messages import put_message

PAUSE_SECONDS = 0.1
DEFAULT_RETRIES = 2


def route_failure(func: dict[str, Any], event: Any, result: dict[str, Any]) -> None:
    """Send an event to the function's failure destination or dead-letter queue."""
    config = func.get("config") or func
    error: dict[str, Any] = result["body"]
    destination = _invoke_config(func).get("DestinationConfig", {}).get("OnFailure", {})
    if destination.get("Destination"):
        lambda_svc._route_async_failure(
            destination["Destination"], config["FunctionName"], event, result
        )
    dead_letters = (config.get("DeadLetterConfig") or {}).get("TargetArn")
    if dead_letters:
        attributes = {
            "RequestID": error.get("requestId") or str(uuid.uuid4()),
            "ErrorCode": "200",
            "ErrorMessage": error.get("errorMessage", "")[:1024],
        }
        put_message(dead_letters, json.dumps(event), attributes)


def _invoke_config(func: dict[str, Any]) -> dict[str, Any]:
    configs = func.get("event_invoke_configs") or {}
    config: dict[str, Any] = func.get("event_invoke_config") or configs.get("$LATEST") or {}
    return config


def invoke_with_retries(func: dict[str, Any], event: Any) -> None:
    """Invoke a function until it succeeds or its retries are exhausted."""
    retries = _invoke_config(func).get("MaximumRetryAttempts")
    attempts = 1 + int(DEFAULT_RETRIES if retries is None else retries)
    result: dict[str, Any] = {}
    for attempt in range(attempts):
        time.sleep(PAUSE_SECONDS if attempt else 0)
        if (func.get("config") or func)["FunctionName"] not in lambda_svc._functions:
            return  # deleted in the meantime, as by a reset
        result = lambda_svc._execute_function_with_config_scope(func, event)
        if not result.get("error"):
            return
    route_failure(func, event, result)


def invoke_async_with_retry(func: dict[str, Any], event: Any) -> None:
    """Invoke a function in the background, with AWS's retries."""
    context = contextvars.copy_context()
    threading.Thread(
        target=context.run, args=(invoke_with_retries, func, event), daemon=True
    ).start()


@cache
def apply() -> None:
    """Honour a template's dead-letter queue as AWS does."""
    patch_points(
        lambda_svc,
        "_functions",
        "_route_async_failure",
        "_execute_function_with_config_scope",
        "invoke_async_with_retry",
    )
    handler = resource_handler("AWS::Lambda::Function")
    create = handler["create"]

    def create_with_dead_letters(logical_id: str, props: dict[str, Any], stack: str) -> Any:
        created = create(logical_id, props, stack)
        if props.get("DeadLetterConfig"):
            config = lambda_svc._functions[created[0]]["config"]
            config["DeadLetterConfig"] = props["DeadLetterConfig"]
        return created

    handler["create"] = create_with_dead_letters
    lambda_svc.invoke_async_with_retry = invoke_async_with_retry
