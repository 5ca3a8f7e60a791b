"""Approved assignments in the table; publications in S3."""

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

MAX_TRANSACTION_BYTES = 3_500_000  # bodies only; DynamoDB accepts 4 MB including keys


class DynamoAssignments:
    """Assignments by module; a publication is stored as a whole or not at all."""

    def __init__(self, table: Table, blobs: BlobStore, s3: "S3Client", bucket: str) -> None:
        self._table = table
        self._blobs = blobs
        self._s3 = s3
        self._bucket = bucket

    def publish(self, generation: str, assignments: tuple[Assignment, ...]) -> None:
        """Store all assignments or none; idempotent. Raises: PublicationConflict."""
        max_bytes = min(MAX_ITEM_BODY_BYTES, MAX_TRANSACTION_BYTES // max(1, len(assignments)))
        actions = [self._put(assignment, max_bytes) for assignment in assignments]
        failed = self._table.failed_conditions(actions)
        conflicts = [
            assignment.assignment
            for assignment, has_failed in zip(assignments, failed, strict=True)
            if has_failed
        ]
        if conflicts:
            names = ", ".join(conflicts)
            raise PublicationConflict(f"{generation}: {names} exist with different content")

    def of_module(self, course: str, module: str) -> tuple[Assignment, ...]:
        """Return the assignments published for a module."""
        items = self._table.query(f"MODULE#{course}#{module}", "ASSIGNMENT#")
        return tuple(map(self._read, items))

    def find(self, assignment: str) -> Assignment | None:
        """Return the assignment with the given id, or None."""
        for key in self._table.query_index("GSI1", f"ASSIGNMENT#{assignment}"):
            if item := self._table.get(key["PK"], key["SK"]):
                return self._read(item)
        return None

    def save_bundle(self, publication: str, assignments: Iterable[Assignment]) -> ObjectPlace:
        """Store a whole publication where the course platform can fetch it."""
        key = f"publications/{publication}.json"
        body = json.dumps(
            [item.model_dump(mode="json") for item in assignments], ensure_ascii=False
        )
        self._s3.put_object(
            Bucket=self._bucket, Key=key, Body=body.encode(), ContentType="application/json"
        )
        return ObjectPlace(bucket=self._bucket, key=key)

    def _read(self, item: Item) -> Assignment:
        return Assignment.model_validate_json(self._blobs.unpack(item))

    def _put(self, assignment: Assignment, max_bytes: int) -> Item:
        sha256 = fingerprint(identity_content(assignment))
        item = {
            "PK": f"MODULE#{assignment.course}#{assignment.module}",
            "SK": f"ASSIGNMENT#{assignment.assignment}",
            "GSI1PK": f"ASSIGNMENT#{assignment.assignment}",
            "GSI1SK": assignment.approved_at,
            "sha256": sha256,
        } | self._blobs.pack(assignment.model_dump_json(), max_bytes=max_bytes)
        condition = f"{ABSENT} OR sha256 = :sha256"
        return put(self._table.name, item, condition, {":sha256": sha256})
