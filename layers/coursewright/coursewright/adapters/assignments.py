"""Approved assignments in the table, and whole publications in S3."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from coursewright.adapters.blob_store import MAX_ITEM_BODY_BYTES, BlobStore
from coursewright.adapters.table import ABSENT, Item, Table, put
from coursewright.domain.assignment import Assignment
from coursewright.domain.base import fingerprint, identity_content
from coursewright.domain.errors import PublicationConflict
from coursewright.domain.lesson import ObjectPlace

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

MAX_TRANSACTION_BYTES = 3_500_000  # bytes of all bodies; DynamoDB takes 4 MB, keys and all


class DynamoAssignments:
    """Assignments by module: all of a publication or none."""

    def __init__(self, table: Table, blobs: BlobStore, s3: "S3Client", bucket: str) -> None:
        self._table = table
        self._bodies = blobs
        self._s3 = s3
        self._bucket = bucket

    def publish(self, generation: str, assignments: tuple[Assignment, ...]) -> None:
        """Keep all assignments or none; again is a replay. Raises: PublicationConflict."""
        most = min(MAX_ITEM_BODY_BYTES, MAX_TRANSACTION_BYTES // max(1, len(assignments)))
        failed = self._table.failed_conditions([self._put(one, most) for one in assignments])
        names = [one.assignment for one, bad in zip(assignments, failed, strict=True) if bad]
        if names:
            raise PublicationConflict(f"{generation}: {', '.join(names)} exist with other content")

    def of_module(self, course: str, module: str) -> tuple[Assignment, ...]:
        """Return what was published for a module before."""
        items = self._table.query(f"MODULE#{course}#{module}", "ASSIGNMENT#")
        return tuple(map(self._read, items))

    def find(self, assignment: str) -> Assignment | None:
        """Return the assignment of an id, or None."""
        for place in self._table.query_index("GSI1", f"ASSIGNMENT#{assignment}"):
            if item := self._table.get(place["PK"], place["SK"]):
                return self._read(item)
        return None

    def save_bundle(self, publication: str, assignments: Iterable[Assignment]) -> ObjectPlace:
        """Put the whole publication where the course platform can fetch it."""
        key = f"publications/{publication}.json"
        body = json.dumps([one.model_dump(mode="json") for one in assignments], ensure_ascii=False)
        self._s3.put_object(
            Bucket=self._bucket, Key=key, Body=body.encode(), ContentType="application/json"
        )
        return ObjectPlace(bucket=self._bucket, key=key)

    def _read(self, item: Item) -> Assignment:
        return Assignment.model_validate_json(self._bodies.unpack(item))

    def _put(self, one: Assignment, most: int) -> Item:
        sha256 = fingerprint(identity_content(one))
        item = {
            "PK": f"MODULE#{one.course}#{one.module}",
            "SK": f"ASSIGNMENT#{one.assignment}",
            "GSI1PK": f"ASSIGNMENT#{one.assignment}",
            "GSI1SK": one.approved_at,
            "sha256": sha256,
        } | self._bodies.pack(one.model_dump_json(), most=most)
        condition = f"{ABSENT} OR sha256 = :sha256"
        return put(self._table.name, item, condition, {":sha256": sha256})
