"""AWS calls are metered in billable units."""

import boto3
import pytest

from coursewright.adapters.table import Table, put
from tests import aws
from tests.benchmarks.metering import item_bytes, least_units, metered
from tests.benchmarks.scale import exponent


def item(size: int, **more: str) -> dict[str, str]:
    return {"PK": "GENERATION#a", "SK": "META", "body": "x" * size} | more


def counted(*actions: dict[str, str]) -> float:
    with aws.storage():
        table = Table(boto3.client("dynamodb"), aws.TABLE)
        with metered() as meter:
            table.write([put(aws.TABLE, action) for action in actions])
    return meter.units["table_write_units"]


@pytest.mark.parametrize(("size", "units"), [(10, 1), (980, 1), (1_100, 2), (5_000, 5)])
def test_a_write_takes_a_unit_per_kilobyte(size: int, units: int) -> None:
    assert counted(item(size)) == units


def test_a_transaction_takes_twice_as_much() -> None:
    other = item(10) | {"PK": "GENERATION#b"}

    assert counted(item(1_100), other) == 2 * (2 + 1)


def test_an_index_takes_a_unit_of_its_own() -> None:
    assert counted(item(10, GSI2PK="GENERATIONS#2026-01", GSI2SK="running#a")) == 2


def test_a_condition_that_fails_takes_the_units_all_the_same() -> None:
    with aws.storage():
        table = Table(boto3.client("dynamodb"), aws.TABLE)
        table.put(item(10))
        with metered() as meter:
            table.put(item(10))

    assert meter.units["table_write_units"] == 1


def test_a_strong_read_takes_twice_what_an_index_takes() -> None:
    with aws.storage():
        table = Table(boto3.client("dynamodb"), aws.TABLE)
        table.put(item(5_000))
        with metered() as meter:
            table.get("GENERATION#a", "META")
            list(table.query_index("GSI2", "GENERATIONS#2026-01"))

    assert meter.units["table_read_units"] == 2 + 0.5


def test_bucket_and_mail_are_counted_by_request() -> None:
    with aws.storage(), metered() as meter:
        s3 = boto3.client("s3")
        s3.put_object(Bucket=aws.BUCKET, Key="a", Body=b"")
        s3.get_object(Bucket=aws.BUCKET, Key="a")

    assert (meter.units["bucket_writes"], meter.units["bucket_reads"]) == (1, 1)


def test_the_least_for_an_item_is_one_write_alone() -> None:
    wire = {"PK": {"S": "a"}, "SK": {"S": "b"}, "GSI1PK": {"S": "c"}, "body": {"S": "x" * 2_000}}

    assert (item_bytes(wire), least_units(wire)) == (2_000 + 3 + 14, 2 + 1)


def test_growth_is_reported_as_an_exponent() -> None:
    linear = exponent([(30, 60.0), (100, 200.0), (300, 600.0)])
    quadratic = exponent([(10, 1.0), (100, 100.0)])

    assert (round(linear, 6), round(quadratic, 6)) == (1.0, 2.0)
