"""Structured logs and metrics: ids only, never content, tokens or links."""

import functools
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger

IDENTIFIERS = ("generation", "round", "model", "draft", "attempt", "review", "reminder", "status")
NAMESPACE = "Coursewright"
type Handler = Callable[[dict[str, Any], Any], Any]

logger = Logger(service="coursewright")


def logged(handler: Handler) -> Handler:
    """Log a step's outcome with its identifiers, and its error if it fails."""

    @functools.wraps(handler)
    def wrapper(event: dict[str, Any], context: Any) -> Any:
        logger.append_keys(**identifiers(event), request_id=_request_id(context))
        try:
            result = handler(event, context)
        except Exception as error:
            logger.exception("step_failed", error=type(error).__name__, problem=str(error)[:500])
            raise
        else:
            logger.info("step_done")
            return result
        finally:
            logger.remove_keys([*IDENTIFIERS, "request_id"])

    return wrapper


def measure(name: str, value: float, unit: str = "Count") -> None:
    """Write a metric in CloudWatch's embedded format, with the stack as its only dimension."""
    metric = {"Namespace": NAMESPACE, "Dimensions": [["Stack"]]}
    directive = metric | {"Metrics": [{"Name": name, "Unit": unit}]}
    line = {
        "_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]},
        "Stack": os.environ.get("STACK_NAME", "coursewright"),
        name: value,
    }
    sys.stdout.write(json.dumps(line) + "\n")


def identifiers(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ids in an event or request path that may be logged; links are never included."""
    fields = {**(event.get("pathParameters") or {}), **event}
    return {name: fields[name] for name in IDENTIFIERS if name in fields}


def _request_id(context: Any) -> str:
    return str(getattr(context, "aws_request_id", ""))
