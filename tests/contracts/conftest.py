"""Fixtures for tests that run against both a fake and the adapter on moto."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from coursewright.adapters.blob_store import BlobStore, TextStore
from coursewright.adapters.table import Table
from tests import aws

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def cloud() -> Iterator[None]:
    with aws.storage():
        yield


@pytest.fixture
def table(cloud: None) -> Table:
    return Table(boto3.client("dynamodb"), aws.TABLE, seconds=NOW.timestamp)


@pytest.fixture
def blobs(cloud: None) -> BlobStore:
    return BlobStore(TextStore(boto3.client("s3"), aws.BUCKET, "bodies", ".json"))
