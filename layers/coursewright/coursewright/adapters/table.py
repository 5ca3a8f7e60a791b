"""The DynamoDB table: items are plain values, and failed conditions are return values."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from coursewright.domain.errors import TableContended

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

Item = dict[str, Any]
ABSENT = "attribute_not_exists(PK)"
ABSENT_OR_EXPIRED = f"({ABSENT} OR expires_at <= :ttl_now)"
CONDITION_FAILED = "ConditionalCheckFailed"
MAX_TRANSACTION_ACTIONS = 100
# The SDK does not retry any of these when they cancel a transaction.
RETRYABLE_REASONS = {"TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"}


class Table:
    """Reads and writes items whose values are strings, integers and booleans.

    Reads are strongly consistent, except from an index, where that is impossible. An item past its
    `expires_at` is treated as deleted, because DynamoDB may take days to delete it.
    """

    def __init__(
        self, client: "DynamoDBClient", name: str, *, seconds: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._seconds = seconds
        self.name = name

    def get(self, pk: str, sk: str) -> Item | None:
        """Return an item, or None if there is none."""
        response = self._client.get_item(
            TableName=self.name, Key=to_wire({"PK": pk, "SK": sk}), ConsistentRead=True
        )
        item = from_wire(response.get("Item") or {})
        return item if item and self._is_live(item) else None

    def query(self, pk: str, prefix: str = "") -> Iterator[Item]:
        """Yield the items of a partition whose sort key begins with a prefix, in key order."""
        values: Item = {":pk": pk} | ({":prefix": prefix} if prefix else {})
        pages = self._client.get_paginator("query").paginate(
            TableName=self.name,
            KeyConditionExpression="PK = :pk" + (" AND begins_with(SK, :prefix)" if prefix else ""),
            ExpressionAttributeValues=to_wire(values),
            ConsistentRead=True,
        )
        for page in pages:
            yield from filter(self._is_live, map(from_wire, page["Items"]))

    def query_index(self, index: str, pk: str, prefix: str = "") -> Iterator[Item]:
        """Yield the items of an index partition in key order; an index may lag behind the table."""
        values: Item = {":pk": pk} | ({":prefix": prefix} if prefix else {})
        prefix_condition = f" AND begins_with({index}SK, :prefix)" if prefix else ""
        pages = self._client.get_paginator("query").paginate(
            TableName=self.name,
            IndexName=index,
            KeyConditionExpression=f"{index}PK = :pk" + prefix_condition,
            ExpressionAttributeValues=to_wire(values),
        )
        for page in pages:
            yield from filter(self._is_live, map(from_wire, page["Items"]))

    def put(self, item: Item, condition: str = ABSENT, values: Item | None = None) -> bool:
        """Write an item if the condition holds; return whether it was written."""
        try:
            action = put(self.name, item, condition, values, seconds=self._seconds)
            self._client.put_item(**action["Put"])
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def update(
        self, pk: str, sk: str, expression: str, condition: str, values: Item
    ) -> Item | None:
        """Update an item if the condition holds; return the new item, or None if it does not.

        Write the attribute `status` as `#status`, because the name is reserved in DynamoDB.
        """
        names: Item = {"ExpressionAttributeNames": {"#status": "status"}}
        try:
            response = self._client.update_item(
                TableName=self.name,
                Key=to_wire({"PK": pk, "SK": sk}),
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeValues=to_wire(values),
                ReturnValues="ALL_NEW",
                **(names if "#status" in expression else {}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return from_wire(response["Attributes"])

    def replace(self, old: Item, new: Item) -> None:
        """Replace one item with another, conditional on the old values. Raises: TableContended."""
        changed = [name for name in old | new if old.get(name) != new.get(name)]
        sets = [f"#{i} = :new{i}" for i, name in enumerate(changed) if name in new]
        removes = [f"#{i}" for i, name in enumerate(changed) if name not in new]
        conditions = [
            f"#{i} = :old{i}" if name in old else f"attribute_not_exists(#{i})"
            for i, name in enumerate(changed)
        ]
        expression = f"SET {', '.join(sets)}" if sets else ""
        expression += f" REMOVE {', '.join(removes)}" if removes else ""
        values = {f":new{i}": new[name] for i, name in enumerate(changed) if name in new}
        values |= {f":old{i}": old[name] for i, name in enumerate(changed) if name in old}
        try:
            self._client.update_item(
                TableName=self.name,
                Key=to_wire({"PK": old["PK"], "SK": old["SK"]}),
                UpdateExpression=expression,
                ConditionExpression=" AND ".join(conditions),
                ExpressionAttributeNames={f"#{i}": name for i, name in enumerate(changed)},
                ExpressionAttributeValues=to_wire(values),
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise TableContended(f"{old['PK']} {old['SK']} was changed concurrently") from error

    def delete(self, places: Sequence[tuple[str, str]]) -> None:
        """Delete items in this order; deleting a missing item is not an error."""
        for batch in itertools.batched(places, MAX_TRANSACTION_ACTIONS, strict=False):
            keys = ({"PK": pk, "SK": sk} for pk, sk in batch)
            self.write([{"Delete": {"TableName": self.name, "Key": to_wire(key)}} for key in keys])

    def expiry(self, days: int) -> Item:
        """Return the attribute that makes an item expire after the given number of days."""
        return {"expires_at": int(self._seconds()) + days * 86_400}

    def _is_live(self, item: Item) -> bool:
        return "expires_at" not in item or int(item["expires_at"]) > self._seconds()

    def write(self, actions: list[Item]) -> bool:
        """Execute all actions or none; return False if a condition does not hold."""
        return not any(self.failed_conditions(actions))

    def failed_conditions(self, actions: list[Item]) -> list[bool]:
        """Execute all actions or none; return, for each action, whether its condition failed.

        A single action is not sent as a transaction, which would use twice the write units.

        Raises: TableContended.
        """
        if len(actions) == 1:
            return [not self._execute(actions[0])]
        try:
            self._client.transact_write_items(TransactItems=actions)  # type: ignore[arg-type]
        except self._client.exceptions.TransactionCanceledException as error:
            reasons: list[Item] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
            codes = [reason.get("Code") for reason in reasons]
            if CONDITION_FAILED in codes:
                return [code == CONDITION_FAILED for code in codes]
            if retryable := RETRYABLE_REASONS.intersection(codes):
                names = ", ".join(sorted(retryable))
                raise TableContended(f"the transaction was cancelled: {names}") from error
            raise
        return [False] * len(actions)

    def _execute(self, action: Item) -> bool:
        ((kind, arguments),) = action.items()
        operations: dict[str, Callable[..., object]] = {
            "Put": self._client.put_item,
            "Update": self._client.update_item,
            "Delete": self._client.delete_item,
        }
        try:
            operations[kind](**arguments)
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def put(
    table: str,
    item: Item,
    condition: str = ABSENT,
    values: Item | None = None,
    *,
    seconds: Callable[[], float] = time.time,
) -> Item:
    """Return a conditional put for a transaction; an expired item counts as absent."""
    if ABSENT in condition:
        condition = condition.replace(ABSENT, ABSENT_OR_EXPIRED)
        values = (values or {}) | {":ttl_now": int(seconds())}
    return {"Put": _with_values(table, {"Item": to_wire(item)}, condition, values)}


def update(table: str, key: Item, expression: str, condition: str, values: Item) -> Item:
    """Return a conditional update for a transaction."""
    action = {"Key": to_wire(key), "UpdateExpression": expression}
    return {"Update": _with_values(table, action, condition, values)}


def _with_values(table: str, action: Item, condition: str, values: Item | None) -> Item:
    request = action | {"TableName": table, "ConditionExpression": condition}
    return request | ({"ExpressionAttributeValues": to_wire(values)} if values else {})


def to_wire(item: Mapping[str, Any]) -> dict[str, Any]:
    """Convert an item to DynamoDB's typed notation."""
    return {name: _to_wire(value) for name, value in item.items()}


def from_wire(item: Mapping[str, Any]) -> Item:
    """Convert an item from DynamoDB's typed notation."""
    return {name: _from_wire(value) for name, value in item.items()}


def _to_wire(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, str):
        return {"S": value}
    raise TypeError(f"the table stores strings, integers and booleans, not {value!r}")


def _from_wire(value: Mapping[str, Any]) -> Any:
    (kind, raw), *_ = value.items()
    return int(raw) if kind == "N" else raw


def error_code(error: ClientError) -> str:
    """Return the error code in an AWS response."""
    return str(error.response.get("Error", {}).get("Code", ""))
