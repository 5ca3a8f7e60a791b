"""Texts stored in S3 by sha256: prompts, answers, and record bodies too large for the table."""

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from coursewright.adapters.table import Item
from coursewright.domain.base import text_sha256

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# Without s3:ListBucket, S3 responds to a missing object as if it were forbidden.
MISSING = {"NoSuchKey", "AccessDenied"}
MAX_ITEM_BODY_BYTES = 100_000  # DynamoDB allows 400 KB per item, but large items cost more


class TextStore:
    """Texts of one kind, stored under one prefix; identical texts are stored once."""

    def __init__(self, client: "S3Client", bucket: str, prefix: str, suffix: str) -> None:
        self._client = client
        self.bucket = bucket
        self._prefix = prefix
        self._suffix = suffix

    def key(self, sha256: str) -> str:
        """Return the object key of a text."""
        return f"{self._prefix}/{sha256}{self._suffix}"

    def within(self, folder: str) -> "TextStore":
        """Return a store for a folder below this prefix."""
        return TextStore(self._client, self.bucket, f"{self._prefix}/{folder}", self._suffix)

    def save(self, text: str) -> str:
        """Store a text and return its sha256."""
        sha256 = text_sha256(text)
        self._client.put_object(
            Bucket=self.bucket,
            Key=self.key(sha256),
            Body=text.encode(),
            ContentType="text/plain; charset=utf-8",
        )
        return sha256

    def read(self, sha256: str) -> str:
        """Return the text with the given sha256."""
        answer = self._client.get_object(Bucket=self.bucket, Key=self.key(sha256))
        return answer["Body"].read().decode()

    def find(self, sha256: str) -> str | None:
        """Return the text with the given sha256, or None if it has expired."""
        try:
            return self.read(sha256)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise


class BlobStore:
    """Record bodies: small ones are stored in the item, large ones in S3."""

    def __init__(self, texts: TextStore) -> None:
        self._texts = texts

    def pack(self, content: Any, *, max_bytes: int = MAX_ITEM_BODY_BYTES) -> Item:
        """Return the item attributes that store a body."""
        text = content if isinstance(content, str) else json.dumps(content)
        if len(text.encode()) <= max_bytes:
            return {"body": text}
        return {"body_sha256": self._texts.save(text)}

    def unpack(self, item: Item) -> str:
        """Return the body that an item contains or refers to."""
        if "body" in item:
            body: str = item["body"]
            return body
        return self._texts.read(item["body_sha256"])
