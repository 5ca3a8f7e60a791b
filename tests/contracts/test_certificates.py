"""The fake and the table store certificates and cross-checks alike."""

import pytest

from coursewright.adapters.assignments import DynamoAssignments
from coursewright.adapters.blob_store import BlobStore
from coursewright.adapters.generations import DynamoVerifications
from coursewright.adapters.table import Table
from coursewright.domain.certificate import build_certificate
from coursewright.domain.evidence import Difference
from coursewright.domain.verification import CrossCheck, Disagreement
from coursewright.ports.assignments import Assignments
from coursewright.ports.verification import Verifications
from tests import aws
from tests.contracts.records import GENERATION
from tests.contracts.records_published import assignment
from tests.fakes.memory_review import MemoryAssignments, MemoryVerifications

NAME = "openai:m/r1/d1"
DIFFERENCE = Difference(input="f(0)", result="1", own_result="2")
DISAGREEMENT = Disagreement(solver="openai:n", difference=DIFFERENCE)
CHECK = CrossCheck(draft=NAME, solver="openai:n", agrees=False, disagreements=(DISAGREEMENT,))
CERTIFICATE = build_certificate(NAME, None, cross_checks=[CHECK])


@pytest.fixture(params=["memory", "dynamodb"])
def verifications(request: pytest.FixtureRequest) -> Verifications:
    if request.param == "memory":
        return MemoryVerifications()
    table: Table = request.getfixturevalue("table")
    blobs: BlobStore = request.getfixturevalue("blobs")
    return DynamoVerifications(table, blobs)


@pytest.fixture(params=["memory", "dynamodb"])
def assignments(request: pytest.FixtureRequest) -> Assignments:
    if request.param == "memory":
        return MemoryAssignments()
    import boto3

    table: Table = request.getfixturevalue("table")
    blobs: BlobStore = request.getfixturevalue("blobs")
    return DynamoAssignments(table, blobs, boto3.client("s3"), aws.BUCKET)


def test_a_draft_keeps_its_first_certificate(verifications: Verifications) -> None:
    verifications.save_certificates(GENERATION, 1, (CERTIFICATE,))

    other = CERTIFICATE.model_copy(update={"tests": 3})
    verifications.save_certificates(GENERATION, 1, (other,))

    assert verifications.certificates(GENERATION, 1) == (CERTIFICATE,)
    assert verifications.certificates(GENERATION, 2) == ()


def test_a_pair_keeps_its_first_cross_check(verifications: Verifications) -> None:
    verifications.save_cross_check(GENERATION, CHECK)

    again = verifications.save_cross_check(GENERATION, CHECK.model_copy(update={"agrees": True}))

    assert again == CHECK
    assert verifications.cross_checks(GENERATION, 1) == (CHECK,)
    assert verifications.cross_checks(GENERATION, 2) == ()


def test_published_assignments_are_listed_by_module(assignments: Assignments) -> None:
    sample = assignment(NAME)

    assignments.publish(GENERATION, (sample,))

    assert assignments.of_module(sample.course, sample.module) == (sample,)
    assert assignments.of_module(sample.course, "another module") == ()
