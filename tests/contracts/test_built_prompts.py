"""Built prompts: stored once per round, read by sha256, erased with their generation."""

import boto3
import pytest

from coursewright.adapters.blob_store import BlobStore, TextStore
from coursewright.adapters.built_prompts import DynamoBuiltPrompts
from coursewright.adapters.erasable_objects import ErasableObjects
from coursewright.adapters.erasure import DynamoErasure
from coursewright.adapters.table import Table
from coursewright.domain.base import text_sha256
from coursewright.domain.generation import Generation, GenerationStatus
from coursewright.ports.agents import BuiltPrompts
from tests import aws
from tests.contracts.conftest import NOW
from tests.fakes.memory_agents import MemoryBuiltPrompts
from tests.unit.agents.fixtures import GENERATION, request

TEXTS = ("the opening", "a prompt — für alle", "a prompt — für alle")


def on_table(table: Table) -> DynamoBuiltPrompts:
    return DynamoBuiltPrompts(
        table, TextStore(boto3.client("s3"), aws.BUCKET, "prompts/built", ".md")
    )


@pytest.fixture(params=["memory", "dynamodb"])
def built_prompts(request: pytest.FixtureRequest) -> BuiltPrompts:
    if request.param == "memory":
        return MemoryBuiltPrompts()
    return on_table(request.getfixturevalue("table"))


def test_a_stored_text_is_read_by_its_sha256(built_prompts: BuiltPrompts) -> None:
    shas = built_prompts.save(GENERATION, 1, TEXTS)

    assert shas == tuple(text_sha256(text) for text in TEXTS)
    assert [built_prompts.read(sha256) for sha256 in shas] == list(TEXTS)


def test_storing_a_round_again_changes_nothing(built_prompts: BuiltPrompts) -> None:
    first = built_prompts.save(GENERATION, 1, TEXTS)

    assert built_prompts.save(GENERATION, 1, TEXTS) == first


def test_a_text_that_has_expired_is_none(built_prompts: BuiltPrompts) -> None:
    assert built_prompts.read(text_sha256("never stored")) is None


def test_erasing_a_generation_deletes_the_prompts_of_all_rounds(
    table: Table, blobs: BlobStore
) -> None:
    built = on_table(table)
    shas = built.save(GENERATION, 1, TEXTS) + built.save(GENERATION, 2, (*TEXTS, "with notes"))
    generation = Generation(
        request=request(), status=GenerationStatus.PUBLISHED, started_at=NOW, execution="run"
    )
    objects = ErasableObjects(boto3.client("s3"), aws.BUCKET)

    DynamoErasure(table, blobs, objects).erase_generation(generation)

    assert {built.read(sha256) for sha256 in shas} == {None}
    assert list(table.query(f"GENERATION#{GENERATION}")) == []
