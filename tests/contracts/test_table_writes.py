"""Single writes are not transactions, and items without expiry are kept."""

import itertools

import boto3
import pytest

from coursewright.adapters.table import Table, put, update
from tests import aws

KEY = {"PK": "GENERATION#a", "SK": "META"}


@pytest.fixture
def asked(cloud: None) -> tuple[Table, list[str]]:
    client, operations = boto3.client("dynamodb"), list[str]()
    client.meta.events.register(
        "before-call.dynamodb", lambda model, **_: operations.append(model.name)
    )
    return Table(client, aws.TABLE), operations


def test_a_single_write_is_not_a_transaction(asked: tuple[Table, list[str]]) -> None:
    table, operations = asked

    table.write([put(aws.TABLE, KEY | {"state": "free"})])
    table.write([update(aws.TABLE, KEY, "SET num = :n", "attribute_exists(PK)", {":n": 1})])

    assert operations == ["PutItem", "UpdateItem"]


def test_a_single_write_keeps_its_condition(asked: tuple[Table, list[str]]) -> None:
    table, _ = asked
    table.write([put(aws.TABLE, KEY | {"state": "free"})])

    again = table.write([put(aws.TABLE, KEY | {"state": "taken"})])
    changed = table.write([update(aws.TABLE, KEY, "SET num = :n", "num = :n", {":n": 1})])

    assert (again, changed) == (False, False)
    assert table.get(KEY["PK"], KEY["SK"]) == KEY | {"state": "free"}


def test_several_writes_are_atomic(asked: tuple[Table, list[str]]) -> None:
    table, operations = asked
    table.write([put(aws.TABLE, KEY)])

    other = {"PK": "GENERATION#b", "SK": "META"}
    done = table.write([put(aws.TABLE, other), put(aws.TABLE, KEY)])

    assert (done, table.get("GENERATION#b", "META")) == (False, None)
    assert operations[1] == "TransactWriteItems"


def test_an_item_without_expiry_never_expires(cloud: None) -> None:
    table = Table(boto3.client("dynamodb"), aws.TABLE, seconds=itertools.count(step=10).__next__)
    table.write([put(aws.TABLE, KEY)])

    assert table.get(KEY["PK"], KEY["SK"]) == KEY
