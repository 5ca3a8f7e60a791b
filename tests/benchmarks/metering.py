"""Meters this process's AWS calls in billable units."""

import json
import math
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError

KB = 1024
READ_BLOCK = 4 * KB
MEMBERS = ("Put", "Update", "Delete", "ConditionCheck")
INDEXES = ("GSI1PK", "GSI2PK")
COUNTED = {
    ("s3", "PutObject"): "bucket_writes",
    ("s3", "GetObject"): "bucket_reads",
    ("sesv2", "SendEmail"): "mails",
    ("events", "PutEvents"): "events",
    ("secretsmanager", "GetSecretValue"): "secret_reads",
    ("ssm", "GetParameter"): "parameter_reads",
}
Item = Mapping[str, Any]


@dataclass
class Meter:
    """Billable units by name, and table writes by kind of item."""

    units: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, name: str, number: float) -> None:
        """Add billable units."""
        with self.lock:
            self.units[name] += number  # type: ignore[assignment]

    def add_write(self, kind: str, units: float) -> None:
        """Add write units, in total and by kind of item."""
        self.add("table_write_units", units)
        with self.lock:
            self.writes[kind] += units  # type: ignore[assignment]


@contextmanager
def metered() -> Iterator[Meter]:
    """Meter every client call in this process while the block runs."""
    meter = Meter()
    plain = BaseClient._make_api_call  # type: ignore[attr-defined]

    def call(self: Any, operation: str, given: dict[str, Any]) -> Any:
        service = self.meta.service_model.service_name
        if service != "dynamodb":
            if name := COUNTED.get((service, operation)):
                meter.add(name, 1)
            return plain(self, operation, given)
        before = _stored(plain, self, operation, given)
        try:
            answer = plain(self, operation, given)
        except ClientError as error:
            _count_writes(meter, operation, given, before, before)
            raise error from None
        _count_reads(meter, operation, given, answer)
        _count_writes(meter, operation, given, before, _stored(plain, self, operation, given))
        return answer

    BaseClient._make_api_call = call  # type: ignore[attr-defined]
    try:
        yield meter
    finally:
        BaseClient._make_api_call = plain  # type: ignore[attr-defined]


def item_bytes(item: Item) -> int:
    """Return an item's size as DynamoDB counts it, approximated by its JSON."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def least_units(item: Item) -> int:
    """Return an item's minimum write units: one plain write plus its index entries."""
    return math.ceil(item_bytes(item) / KB) + sum(name in item for name in INDEXES)


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return len(content) // 2 + 2
    if kind in ("L", "M"):
        inner = content if kind == "L" else content.values()
        names = 0 if kind == "L" else sum(len(name) for name in content)
        return 3 + names + sum(1 + _value_bytes(element) for element in inner)
    return len(json.dumps(content)) if kind not in ("BOOL", "NULL") else 1


def _members(operation: str, given: Item) -> list[Item]:
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        return [given]
    if operation != "TransactWriteItems":
        return []
    return [action[name] for action in given["TransactItems"] for name in MEMBERS if name in action]


def _stored(plain: Any, client: Any, operation: str, given: Item) -> list[Item]:
    """Read the items that a request will write, without metering."""
    found = []
    for member in _members(operation, given):
        source = member.get("Key") or member["Item"]
        key = {name: source[name] for name in ("PK", "SK")}
        read = {"TableName": member["TableName"], "Key": key, "ConsistentRead": True}
        found.append(plain(client, "GetItem", read).get("Item") or {})
    return found


def _count_writes(
    meter: Meter, operation: str, given: Item, before: list[Item], after: list[Item]
) -> None:
    factor = 2 if operation == "TransactWriteItems" else 1
    for member, old, new in zip(_members(operation, given), before, after, strict=True):
        key = (member.get("Key") or member["Item"])["PK"]["S"]
        largest = max(item_bytes(old), item_bytes(new), item_bytes(member.get("Item", {})), 1)
        units = factor * math.ceil(largest / KB)
        units += sum(_index_writes(old, new, name) for name in INDEXES)
        meter.add_write(_kind(key), units)


def _index_writes(old: Item, new: Item, name: str) -> int:
    """Return the number of index writes: none for an unchanged entry, two if its key changes."""
    pair = (name, name.replace("PK", "SK"))
    was, is_now = ([item.get(part) for part in pair] for item in (old, new))
    if name not in old and name not in new:
        return 0
    if name not in old or name not in new:
        return 1
    return 2 if was != is_now else int(old != new)


def _kind(key: str) -> str:
    parts = key.split("#")
    return "#".join(parts[:2]) if parts[0] in ("AGENT", "BUDGET") and len(parts) > 2 else parts[0]


def _count_reads(meter: Meter, operation: str, given: Item, answer: Item) -> None:
    if operation == "GetItem":
        blocks = max(1, math.ceil(item_bytes(answer.get("Item") or {}) / READ_BLOCK))
    elif operation == "Query":
        size = sum(map(item_bytes, answer["Items"]))
        blocks = max(1, math.ceil(size / READ_BLOCK))
    else:
        return
    meter.add("table_read_units", blocks if given.get("ConsistentRead") else blocks / 2)
