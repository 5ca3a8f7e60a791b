"""Defects in ministack 1.5.33: AUTH does not support some condition keys and resources.

On AWS `dynamodb:LeadingKeys` contains the partition keys of a request, or of each item of a
transaction; requests without partition keys (Scan, PartiQL) lack the condition key. An email has an
identity and a sender address, a task token belongs to the state machine that issued it, and an
event has a source and a detail type. `enforced` activates the roles.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import dynamodb

from local.emulator.patch_point import patch_point, patch_points
from local.emulator.sfn_callbacks import issuing_state_machine

type BusArns = Callable[[bytes, str, str], list[str]]

LEADING_KEYS = "dynamodb:LeadingKeys"
EQUALS = re.compile(r"([#\w.-]+)\s*=\s*(:\w+)")
MEMBERS = ("Put", "Update", "Delete", "ConditionCheck", "Get")


class ArnWithContext(str):
    """An ARN that carries the condition keys of the request that refers to it."""

    __slots__ = ("context",)
    context: dict[str, Any]


def with_context(arn: str, context: dict[str, Any]) -> ArnWithContext:
    """Return an ARN that carries condition keys."""
    result = ArnWithContext(arn)
    result.context = context
    return result


def hash_key(table: str, index: str | None) -> str | None:
    """Return the name of a table's or index's partition key."""
    description = dynamodb._tables.get(table.rpartition("/")[2]) or {}
    schema = description.get("KeySchema", [])
    if index:
        indexes = description.get("GlobalSecondaryIndexes") or []
        schema = next((item["KeySchema"] for item in indexes if item["IndexName"] == index), [])
    return next((key["AttributeName"] for key in schema if key["KeyType"] == "HASH"), None)


def partition_keys(request: dict[str, Any]) -> tuple[str, ...]:
    """Return the partition keys of a request or of one item of a transaction."""
    name = hash_key(str(request.get("TableName", "")), request.get("IndexName"))
    item = request.get("Key") or request.get("Item")
    if item and name in item:
        return tuple(item[name].values())
    names = request.get("ExpressionAttributeNames") or {}
    values = request.get("ExpressionAttributeValues") or {}
    for left, right in EQUALS.findall(request.get("KeyConditionExpression") or ""):
        if names.get(left, left) == name:
            return tuple(values.get(right, {}).values())
    return ()


def _parse_body(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body or b"{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _leading_keys(keys: tuple[str, ...]) -> dict[str, Any]:
    return {LEADING_KEYS: list(keys)} if keys else {}


def _event_context(body: bytes) -> dict[str, Any]:
    listed = _parse_body(body).get("Entries") or []
    entries = [entry for entry in listed if isinstance(entry, dict)]
    kinds = {str(entry.get("DetailType", "")) for entry in entries}
    sources = sorted({str(entry.get("Source", "")) for entry in entries})
    return {"events:source": sources} | (
        {"events:detail-type": kinds.pop()} if len(kinds) == 1 else {}
    )


def _with_event_context(buses_of: BusArns) -> BusArns:
    def bus_arns(body: bytes, region: str, account: str) -> list[str]:
        return [with_context(arn, _event_context(body)) for arn in buses_of(body, region, account)]

    return bus_arns


def _transaction_items(body: bytes) -> list[dict[str, Any]]:
    members = [item.get(name) for item in _parse_body(body)["TransactItems"] for name in MEMBERS]
    return [part for part in members if isinstance(part, dict) and part.get("TableName")]


@contextmanager
def enforced() -> Iterator[None]:
    """Run each function under its own role; the access key of this run remains root."""
    app.AUTH = True
    try:
        yield
    finally:
        app.AUTH = False


def _add_leading_keys() -> None:
    """Add the partition keys to the context of DynamoDB requests and transaction items."""
    context_of = patch_point(iam_actions, "dynamodb_service_context")
    checks_of = patch_point(iam_actions, "dynamodb_transaction_checks")

    def service_context(body: bytes) -> dict[str, Any]:
        return {**context_of(body), **_leading_keys(partition_keys(_parse_body(body)))}

    def transaction_checks(action: str, body: bytes, region: str, account: str) -> list[Any]:
        checks = checks_of(action, body, region, account)
        items = _transaction_items(body) if checks else []
        return [
            (name, with_context(arn, _leading_keys(partition_keys(item))))
            for (name, arn), item in zip(checks, items, strict=True)
        ]

    iam_actions.dynamodb_service_context = service_context
    iam_actions.dynamodb_transaction_checks = transaction_checks


def _resolve_resources() -> None:
    """Return the resources for emails, task tokens and events, with their condition keys."""
    arn_of = patch_point(iam_actions, "extract_resource_arn")
    buses_of = patch_point(iam_actions, "eventbridge_resource_arns")

    def resource_arn(service: str, method: str, path: str, *rest: Any) -> str:
        arn: str = arn_of(service, method, path, *rest)
        _headers, body, _query, region, account = rest
        if service == "ses" and (sender := _parse_body(body).get("FromEmailAddress")):
            identity = f"arn:aws:ses:{region}:{account}:identity/{sender}"
            return with_context(identity, {"ses:FromAddress": sender})
        if service == "states" and (token := _parse_body(body).get("taskToken")):
            return issuing_state_machine(token) or arn
        return arn

    iam_actions.extract_resource_arn = resource_arn
    iam_actions.eventbridge_resource_arns = _with_event_context(buses_of)


def _evaluate_with_context() -> None:
    """Evaluate policies with the condition keys that an ARN carries."""
    enforce = patch_point(iam_evaluator, "enforce")

    def enforce_with_context(
        key: str, action: str, service: str, region: str, **options: Any
    ) -> Any:
        arn = options.get("resource_arn")
        if isinstance(arn, ArnWithContext):
            options["service_context"] = (options.get("service_context") or {}) | arn.context
        # Buckets deny plain HTTP; here the loopback interface counts as TLS.
        address, _ = iam_evaluator._request_origin.get()
        origin = iam_evaluator._request_origin.set((address, True))
        try:
            return enforce(key, action, service, region, **options)
        finally:
            iam_evaluator._request_origin.reset(origin)

    iam_evaluator.enforce = enforce_with_context


@cache
def apply() -> None:
    """Make condition keys available to policy evaluation."""
    patch_points(app, "AUTH")
    patch_points(dynamodb, "_tables")
    patch_points(iam_evaluator, "_request_origin", "enforce")
    patch_points(iam_actions, "dynamodb_service_context", "dynamodb_transaction_checks")
    patch_points(iam_actions, "extract_resource_arn", "eventbridge_resource_arns")
    _add_leading_keys()
    _resolve_resources()
    _evaluate_with_context()
