"""The fake and the adapter store published assignments alike."""

import boto3
import pytest

from coursewright.adapters.assignments import DynamoAssignments
from coursewright.adapters.blob_store import BlobStore
from coursewright.adapters.table import Table
from coursewright.ports.assignments import Assignments
from tests import aws
from tests.contracts.records import GENERATION
from tests.contracts.records_published import assignment
from tests.fakes.memory_review import MemoryAssignments

MAX_TRANSACTION_REQUEST_BYTES = (
    4_000_000  # bytes that DynamoDB accepts in a transaction; moto has no limit
)


@pytest.fixture(params=["memory", "dynamodb"])
def assignments(request: pytest.FixtureRequest) -> Assignments:
    if request.param == "memory":
        return MemoryAssignments()
    table, blobs = request.getfixturevalue("table"), request.getfixturevalue("blobs")
    return DynamoAssignments(table, blobs, boto3.client("s3"), aws.BUCKET)


def test_an_assignment_is_found_by_its_id(assignments: Assignments) -> None:
    assignments.publish(GENERATION, (assignment("a"), assignment("b", name="x" * 200_000)))

    assert assignments.find("a") == assignment("a")
    assert assignments.find("b") == assignment("b", name="x" * 200_000)


def test_a_hundred_long_assignments_fit_in_one_transaction(blobs: BlobStore) -> None:
    client, sizes = boto3.client("dynamodb"), list[int]()
    client.meta.events.register(
        "before-send.dynamodb.TransactWriteItems",
        lambda request, **_: sizes.append(len(request.body)),
    )
    table = Table(client, aws.TABLE)
    assignments = DynamoAssignments(table, blobs, boto3.client("s3"), aws.BUCKET)
    long = tuple(assignment(f"a{number}", name="x" * 90_000) for number in range(100))

    assignments.publish(GENERATION, long)

    assert len(sizes) == 1
    assert sizes[0] < MAX_TRANSACTION_REQUEST_BYTES
    found = assignments.of_module("python-basics", "loops")
    assert sorted(found, key=lambda published: int(published.assignment[1:])) == list(long)


def test_an_unpublished_assignment_is_not_found(assignments: Assignments) -> None:
    assignments.publish(GENERATION, (assignment("a"),))

    assert assignments.find("") is None
    assert assignments.find("aa") is None


def test_all_assignments_of_a_module_are_listed(assignments: Assignments) -> None:
    assignments.publish(GENERATION, (assignment("a"), assignment("b")))

    assert assignments.of_module("python-basics", "loops") == (assignment("a"), assignment("b"))
    assert assignments.of_module("python-basics", "loop") == ()
