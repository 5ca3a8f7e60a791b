"""The one table: plain items in, plain items out, and conditions that fail as a return value."""

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
MAX_TRANSACTION_ACTIONS = 100  # of a transaction
# Of a transaction the SDK tries none of these again: to it they are one and the same refusal.
BUSY = {"TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"}


class Table:
    """Reads and writes items of text, whole numbers and truth values.

    Every read is strongly consistent, except from an index, which cannot be. An item past its
    `expires_at` counts as gone, though DynamoDB may take days to delete it.
    """

    def __init__(
        self, client: "DynamoDBClient", name: str, *, seconds: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._seconds = seconds
        self.name = name

    def get(self, pk: str, sk: str) -> Item | None:
        """Return an item, or None."""
        answer = self._client.get_item(
            TableName=self.name, Key=to_wire({"PK": pk, "SK": sk}), ConsistentRead=True
        )
        found = from_wire(answer.get("Item") or {})
        return found if found and self._is_kept(found) else None

    def query(self, pk: str, prefix: str = "") -> Iterator[Item]:
        """Return the items of a partition whose sort key begins with a prefix, in key order."""
        values: Item = {":pk": pk} | ({":prefix": prefix} if prefix else {})
        pages = self._client.get_paginator("query").paginate(
            TableName=self.name,
            KeyConditionExpression="PK = :pk" + (" AND begins_with(SK, :prefix)" if prefix else ""),
            ExpressionAttributeValues=to_wire(values),
            ConsistentRead=True,
        )
        for page in pages:
            yield from filter(self._is_kept, map(from_wire, page["Items"]))

    def query_index(self, index: str, pk: str, prefix: str = "") -> Iterator[Item]:
        """Return the items of an index partition, in key order; an index may lag behind."""
        values: Item = {":pk": pk} | ({":prefix": prefix} if prefix else {})
        rest = f" AND begins_with({index}SK, :prefix)" if prefix else ""
        pages = self._client.get_paginator("query").paginate(
            TableName=self.name,
            IndexName=index,
            KeyConditionExpression=f"{index}PK = :pk" + rest,
            ExpressionAttributeValues=to_wire(values),
        )
        for page in pages:
            yield from filter(self._is_kept, map(from_wire, page["Items"]))

    def put(self, item: Item, condition: str = ABSENT, values: Item | None = None) -> bool:
        """Write an item if the condition holds, and say whether it did."""
        try:
            action = put(self.name, item, condition, values, seconds=self._seconds)
            self._client.put_item(**action["Put"])
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def update(
        self, pk: str, sk: str, expression: str, condition: str, values: Item
    ) -> Item | None:
        """Change an item if the condition holds; gives the new item, or None where it does not.

        The attribute `status` is written `#status`, since the plain word is reserved.
        """
        names: Item = {"ExpressionAttributeNames": {"#status": "status"}}
        try:
            answer = self._client.update_item(
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
        return from_wire(answer["Attributes"])

    def change(self, old: Item, new: Item) -> None:
        """Turn an item into what it shall be. Raises: TableContended if it is not as it was."""
        touched = [name for name in old | new if old.get(name) != new.get(name)]
        names = {f"#{number}": name for number, name in enumerate(touched)}
        kept = {mark: name for mark, name in names.items() if name in new}
        sets = ", ".join(f"{mark} = :new{mark[1:]}" for mark in kept)
        removes = ", ".join(mark for mark in names if mark not in kept)
        parts = [f"SET {sets}" if sets else "", f"REMOVE {removes}" if removes else ""]
        was = [
            f"{mark} = :old{mark[1:]}" if name in old else f"attribute_not_exists({mark})"
            for mark, name in names.items()
        ]
        values = {f":new{mark[1:]}": new[name] for mark, name in kept.items()}
        values |= {f":old{mark[1:]}": old[name] for mark, name in names.items() if name in old}
        try:
            self._client.update_item(
                TableName=self.name,
                Key=to_wire({"PK": old["PK"], "SK": old["SK"]}),
                UpdateExpression=" ".join(filter(None, parts)),
                ConditionExpression=" AND ".join(was),
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=to_wire(values),
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise TableContended(f"{old['PK']} {old['SK']} was changed meanwhile") from error

    def delete(self, places: Sequence[tuple[str, str]]) -> None:
        """Delete items in this order; one that is gone already is no error."""
        for first in range(0, len(places), MAX_TRANSACTION_ACTIONS):
            some = places[first : first + MAX_TRANSACTION_ACTIONS]
            keys = ({"PK": pk, "SK": sk} for pk, sk in some)
            self.write([{"Delete": {"TableName": self.name, "Key": to_wire(key)}} for key in keys])

    def expiry(self, days: int) -> Item:
        """Return the attribute that lets an item expire."""
        return {"expires_at": int(self._seconds()) + days * 86_400}

    def _is_kept(self, item: Item) -> bool:
        return "expires_at" not in item or int(item["expires_at"]) > self._seconds()

    def write(self, actions: list[Item]) -> bool:
        """Do all actions in one transaction, or none; False where a condition does not hold."""
        return not any(self.failed_conditions(actions))

    def failed_conditions(self, actions: list[Item]) -> list[bool]:
        """Do all actions or none, and say, per action, whether its condition failed.

        An action alone is no transaction: that would take twice the write units.

        Raises: TableContended.
        """
        if len(actions) == 1:
            return [not self._do(actions[0])]
        try:
            self._client.transact_write_items(TransactItems=actions)  # type: ignore[arg-type]
        except self._client.exceptions.TransactionCanceledException as error:
            reasons: list[Item] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
            codes = [reason.get("Code") for reason in reasons]
            if CONDITION_FAILED in codes:
                return [code == CONDITION_FAILED for code in codes]
            if busy := BUSY.intersection(codes):
                raise TableContended(
                    f"too many write the same item: {', '.join(sorted(busy))}"
                ) from error
            raise
        return [False] * len(actions)

    def _do(self, action: Item) -> bool:
        ((kind, given),) = action.items()
        do: dict[str, Callable[..., object]] = {
            "Put": self._client.put_item,
            "Update": self._client.update_item,
            "Delete": self._client.delete_item,
        }
        try:
            do[kind](**given)
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
    """Describe a conditional put for a transaction; what has expired counts as absent."""
    if ABSENT in condition:
        condition = condition.replace(ABSENT, ABSENT_OR_EXPIRED)
        values = (values or {}) | {":ttl_now": int(seconds())}
    return {"Put": _with_values(table, {"Item": to_wire(item)}, condition, values)}


def update(table: str, key: Item, expression: str, condition: str, values: Item) -> Item:
    """Describe a conditional update for a transaction."""
    action = {"Key": to_wire(key), "UpdateExpression": expression}
    return {"Update": _with_values(table, action, condition, values)}


def _with_values(table: str, action: Item, condition: str, values: Item | None) -> Item:
    whole = action | {"TableName": table, "ConditionExpression": condition}
    return whole | ({"ExpressionAttributeValues": to_wire(values)} if values else {})


def to_wire(item: Mapping[str, Any]) -> dict[str, Any]:
    """Write an item in DynamoDB's own notation."""
    return {name: _to_wire(value) for name, value in item.items()}


def from_wire(item: Mapping[str, Any]) -> Item:
    """Read an item from DynamoDB's own notation."""
    return {name: _from_wire(value) for name, value in item.items()}


def _to_wire(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, str):
        return {"S": value}
    raise TypeError(f"the table keeps text, whole numbers and truth values, not {value!r}")


def _from_wire(value: Mapping[str, Any]) -> Any:
    (kind, raw), *_ = value.items()
    return int(raw) if kind == "N" else raw


def error_code(error: ClientError) -> str:
    """Return the code with which AWS answered."""
    return str(error.response.get("Error", {}).get("Code", ""))
