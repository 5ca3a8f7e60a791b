"""Tests the storage of generations, evidence, leagues, budgets and publications."""

import boto3
import pytest

from coursewright.adapters.assignments import DynamoAssignments
from coursewright.adapters.blob_store import BlobStore
from coursewright.adapters.budget import DynamoBudgets
from coursewright.adapters.generations import (
    DynamoGenerations,
    DynamoVerifications,
)
from coursewright.adapters.lessons import S3Lessons
from coursewright.adapters.table import Table
from coursewright.domain.budget import Caps, Reservation
from coursewright.domain.errors import (
    BudgetExceeded,
    DraftMissing,
    EventInvalid,
    PublicationConflict,
)
from coursewright.domain.evidence import Verdict
from coursewright.domain.generation import GenerationStatus
from coursewright.domain.league import league_row
from coursewright.domain.lesson import ObjectPlace
from coursewright.domain.model_call import Price
from coursewright.ports.generations import Budgets
from coursewright.ports.verification import Verifications
from tests import aws
from tests.contracts.records import GENERATION, NOW, verification
from tests.contracts.records_published import assignment, claimed_item
from tests.fakes.memory_budget import MemoryBudgets
from tests.fakes.memory_review import MemoryVerifications

NAME = "openai:m/r1/d1"
MONTH = "202601"
CAPS = Caps(month=100, generation=100)


@pytest.fixture(params=["memory", "dynamodb"])
def verifications(request: pytest.FixtureRequest) -> Verifications:
    if request.param == "memory":
        return MemoryVerifications()
    return DynamoVerifications(request.getfixturevalue("table"), request.getfixturevalue("blobs"))


def test_an_attempt_keeps_its_first_evidence(verifications: Verifications) -> None:
    verifications.save(GENERATION, verification(NAME))

    again = verifications.save(GENERATION, verification(NAME, verdict=Verdict.REJECTED))

    assert again == verifications.get(GENERATION, NAME, 0) == verification(NAME)
    assert verifications.get(GENERATION, NAME, 1) is None


def test_evidence_is_found_by_round(verifications: Verifications) -> None:
    verifications.save(GENERATION, verification(NAME, 1))
    verifications.save(GENERATION, verification("openai:m/r2/d1"))

    assert verifications.of_round(GENERATION, 1) == (verification(NAME, 1),)


def test_a_claimed_generation_is_read_and_closed_once(table: Table) -> None:
    generations = DynamoGenerations(table)
    assert generations.is_claimed(GENERATION) is False
    table.put(claimed_item())

    generations.close(GENERATION, GenerationStatus.PUBLISHED, now=NOW)
    generations.close(GENERATION, GenerationStatus.PUBLISHED, now=NOW)

    found = generations.get(GENERATION)
    assert (found.status, found.request.generation) == (GenerationStatus.PUBLISHED, GENERATION)
    assert generations.is_claimed(GENERATION) is True


@pytest.fixture(params=["table", "memory"])
def budget(request: pytest.FixtureRequest) -> Budgets:
    if request.param == "memory":
        return MemoryBudgets()
    table: Table = request.getfixturevalue("table")
    return DynamoBudgets(table)


def reservation(generation: str, amount: int, *, round_number: int = 1) -> Reservation:
    return Reservation(month=MONTH, generation=generation, round=round_number, amount=amount)


def test_an_unknown_generation_is_missing(table: Table) -> None:
    with pytest.raises(DraftMissing):
        DynamoGenerations(table).get("nobody")


def test_a_league_and_its_costs_are_stored(table: Table, blobs: BlobStore) -> None:
    verifications = DynamoVerifications(table, blobs)
    rows = (league_row("openai:m", "written", [], [], Price()),)

    verifications.save_league(GENERATION, 1, rows, {"tests#openai:m": "{}"})
    verifications.save_league(GENERATION, 1, rows, {"tests#openai:m": "{}"})

    assert verifications.league(GENERATION, 1) == rows
    assert verifications.league(GENERATION, 2) == ()
    assert len(list(table.query(f"GENERATION#{GENERATION}", "COST#"))) == 1


def test_money_is_reserved_once_per_round(budget: Budgets) -> None:
    budget.reserve(reservation("a", 60), caps=CAPS)
    again = budget.reserve(reservation("a", 60), caps=CAPS)

    assert again == 60
    with pytest.raises(BudgetExceeded, match="Raise MonthlyBudgetUsd, then redrive"):
        budget.reserve(reservation("b", 41), caps=CAPS)
    assert budget.reserve(reservation("b", 40), caps=CAPS) == 40


def test_a_later_round_is_added_once(budget: Budgets) -> None:
    budget.reserve(reservation("a", 40), caps=CAPS)

    budget.reserve(reservation("a", 30, round_number=2), caps=CAPS)
    again = budget.reserve(reservation("a", 30, round_number=2), caps=CAPS)

    assert again == 70
    with pytest.raises(BudgetExceeded, match="round 1"):
        budget.reserve(reservation("b", 31), caps=CAPS)


def test_a_later_round_over_the_cap_does_not_change_the_first(budget: Budgets) -> None:
    caps = Caps(month=100, generation=200)
    budget.reserve(reservation("a", 60), caps=caps)

    with pytest.raises(BudgetExceeded, match="round 2"):
        budget.reserve(reservation("a", 41, round_number=2), caps=caps)

    assert budget.reserve(reservation("a", 40, round_number=2), caps=caps) == 100


def test_each_generation_has_its_own_cap(budget: Budgets) -> None:
    caps = Caps(month=100, generation=50)
    budget.reserve(reservation("a", 30), caps=caps)

    with pytest.raises(BudgetExceeded, match="Raise GenerationBudgetUsd"):
        budget.reserve(reservation("a", 30, round_number=2), caps=caps)


def test_settling_releases_the_unspent_amount_once(budget: Budgets) -> None:
    budget.reserve(reservation("a", 60), caps=CAPS)

    budget.settle(MONTH, "a", 10)
    budget.settle(MONTH, "a", 10)

    assert budget.reserve(reservation("b", 90), caps=CAPS) == 90
    with pytest.raises(BudgetExceeded):
        budget.reserve(reservation("c", 1), caps=CAPS)


def test_raising_the_cap_unblocks_a_refused_generation(budget: Budgets) -> None:
    with pytest.raises(BudgetExceeded):
        budget.reserve(reservation("a", 60), caps=Caps(month=50, generation=60))

    assert budget.reserve(reservation("a", 60), caps=Caps(month=60, generation=60)) == 60


def test_a_publication_is_atomic_and_idempotent(table: Table, blobs: BlobStore) -> None:
    assignments = DynamoAssignments(table, blobs, boto3.client("s3"), aws.BUCKET)
    assignments.publish(GENERATION, (assignment("a"), assignment("b")))
    assignments.publish(GENERATION, (assignment("a"), assignment("b")))

    with pytest.raises(PublicationConflict, match="a exist"):
        assignments.publish(GENERATION, (assignment("a", name="Changed"), assignment("c")))

    stored = list(table.query("MODULE#python-basics#loops", "ASSIGNMENT#"))
    assert [item["SK"] for item in stored] == ["ASSIGNMENT#a", "ASSIGNMENT#b"]


def test_a_lesson_is_stored_under_its_sha256(cloud: None) -> None:
    lessons = S3Lessons(boto3.client("s3"), aws.BUCKET)

    pointer = lessons.save("<h1>Schleifen – für alle</h1>")

    assert lessons.read(pointer) == "<h1>Schleifen – für alle</h1>"
    assert pointer.sha256 in pointer.key


def test_a_missing_lesson_is_reported_with_its_field(cloud: None) -> None:
    lessons = S3Lessons(boto3.client("s3"), aws.BUCKET)

    with pytest.raises(EventInvalid, match=r"detail\.module\.s3"):
        lessons.fetch(ObjectPlace(bucket=aws.BUCKET, key="nowhere"))
