"""Defects of ministack 1.5.33: AUTH knows neither `dynamodb:LeadingKeys` nor senders nor tokens.

AWS gives each request, and each item of a transaction, the partition keys that it names; a request
that names none (Scan, PartiQL) has no such condition key. A mail is sent in the name of an identity
and from an address, a task is answered on the machine that waits, an event has a source and a type.
`enforced` turns the roles on.
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
from local.emulator.sfn_callbacks import machine_of

type BusArns = Callable[[bytes, str, str], list[str]]

LEADING_KEYS = "dynamodb:LeadingKeys"
EQUALS = re.compile(r"([#\w.-]+)\s*=\s*(:\w+)")
MEMBERS = ("Put", "Update", "Delete", "ConditionCheck", "Get")


class KnowingArn(str):
    """An ARN that remembers the condition keys of what is asked for on it."""

    __slots__ = ("context",)
    context: dict[str, Any]


def knowing(arn: str, context: dict[str, Any]) -> KnowingArn:
    """Return an ARN its condition keys."""
    known = KnowingArn(arn)
    known.context = context
    return known


def hash_key(table: str, index: str | None) -> str | None:
    """Return the name of the partition key of a table or index."""
    found = dynamodb._tables.get(table.rpartition("/")[2]) or {}
    schema = found.get("KeySchema", [])
    if index:
        indexes = found.get("GlobalSecondaryIndexes") or []
        schema = next((one["KeySchema"] for one in indexes if one["IndexName"] == index), [])
    return next((one["AttributeName"] for one in schema if one["KeyType"] == "HASH"), None)


def keys_of(request: dict[str, Any]) -> tuple[str, ...]:
    """Return the partition keys that a request, or one item of a transaction, names."""
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


def _request(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _leading(keys: tuple[str, ...]) -> dict[str, Any]:
    return {LEADING_KEYS: list(keys)} if keys else {}


def _announced(body: bytes) -> dict[str, Any]:
    entries = [one for one in _request(body).get("Entries") or [] if isinstance(one, dict)]
    kinds = {str(one.get("DetailType", "")) for one in entries}
    sources = sorted({str(one.get("Source", "")) for one in entries})
    return {"events:source": sources} | (
        {"events:detail-type": kinds.pop()} if len(kinds) == 1 else {}
    )


def _of_announced(buses_of: BusArns) -> BusArns:
    def bus_arns(body: bytes, region: str, account: str) -> list[str]:
        return [knowing(arn, _announced(body)) for arn in buses_of(body, region, account)]

    return bus_arns


def _items(body: bytes) -> list[dict[str, Any]]:
    members = [item.get(name) for item in _request(body)["TransactItems"] for name in MEMBERS]
    return [one for one in members if isinstance(one, dict) and one.get("TableName")]


@contextmanager
def enforced() -> Iterator[None]:
    """Let every function run under its own role; those that call with `test` stay root."""
    app.AUTH = True
    try:
        yield
    finally:
        app.AUTH = False


@cache
def apply() -> None:
    """Hand the partition keys to the policies' evaluation."""
    patch_points(app, "AUTH")
    patch_points(dynamodb, "_tables")
    patch_points(iam_evaluator, "_request_origin")
    context_of = patch_point(iam_actions, "dynamodb_service_context")
    checks_of = patch_point(iam_actions, "dynamodb_transaction_checks")
    arn_of = patch_point(iam_actions, "extract_resource_arn")
    bus_arns = _of_announced(patch_point(iam_actions, "eventbridge_resource_arns"))
    enforce = patch_point(iam_evaluator, "enforce")

    def service_context(body: bytes) -> dict[str, Any]:
        return {**context_of(body), **_leading(keys_of(_request(body)))}

    def transaction_checks(action: str, body: bytes, region: str, account: str) -> list[Any]:
        checks = checks_of(action, body, region, account)
        items = _items(body) if checks else []
        return [
            (name, knowing(arn, _leading(keys_of(item))))
            for (name, arn), item in zip(checks, items, strict=True)
        ]

    def resource_arn(service: str, method: str, path: str, *rest: Any) -> str:
        found: str = arn_of(service, method, path, *rest)
        _headers, body, _query, region, account = rest
        if service == "ses" and (sender := _request(body).get("FromEmailAddress")):
            identity = f"arn:aws:ses:{region}:{account}:identity/{sender}"
            return knowing(identity, {"ses:FromAddress": sender})
        if service == "states" and (token := _request(body).get("taskToken")):
            return machine_of(token) or found
        return found

    def enforce_keys(key: str, action: str, service: str, region: str, **given: Any) -> Any:
        arn = given.get("resource_arn")
        if isinstance(arn, KnowingArn):
            given["service_context"] = (given.get("service_context") or {}) | arn.context
        # A bucket that refuses plain HTTP is right to: here the loopback stands for TLS.
        address, _ = iam_evaluator._request_origin.get()
        origin = iam_evaluator._request_origin.set((address, True))
        try:
            return enforce(key, action, service, region, **given)
        finally:
            iam_evaluator._request_origin.reset(origin)

    iam_actions.extract_resource_arn = resource_arn
    iam_actions.eventbridge_resource_arns = bus_arns
    iam_actions.dynamodb_service_context = service_context
    iam_actions.dynamodb_transaction_checks = transaction_checks
    iam_evaluator.enforce = enforce_keys
