"""Structured logs and metrics: ids only, never content, tokens or links."""

import functools
import os
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

IDENTIFIERS = ("generation", "round", "model", "draft", "attempt", "review", "reminder", "status")
NAMESPACE = "Coursewright"
type Handler = Callable[[dict[str, Any], Any], Any]

logger = Logger(service="coursewright")


def logged(handler: Handler) -> Handler:
    """Log a step's outcome with its identifiers, and its error if it fails."""

    @functools.wraps(handler)
    def wrapper(event: dict[str, Any], context: Any) -> Any:
        logger.append_keys(**identifiers(event))
        try:
            result = handler(event, context)
        except Exception as error:
            logger.exception("step_failed", error=type(error).__name__, problem=str(error)[:500])
            raise
        logger.info("step_done")
        return result

    decorated: Handler = logger.inject_lambda_context(wrapper, clear_state=True)
    return decorated


def measure(name: str, value: float, unit: str = "Count") -> None:
    """Write a metric in CloudWatch's embedded format, with the stack as its only dimension."""
    stack = {"Stack": os.environ.get("STACK_NAME", "coursewright")}
    with single_metric(
        name, MetricUnit(unit), value, namespace=NAMESPACE, default_dimensions=stack
    ) as metric:
        metric.service = ""  # Powertools would add it as a second dimension, which no alarm names


def identifiers(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ids in an event or request path that may be logged; links are never included."""
    fields = {**(event.get("pathParameters") or {}), **event}
    return {name: fields[name] for name in IDENTIFIERS if name in fields}
