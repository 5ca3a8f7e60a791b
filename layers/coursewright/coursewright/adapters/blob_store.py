"""Texts in S3 by sha256: lessons, prompts, and record bodies too large for the table."""

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from coursewright.adapters.table import Item, error_code
from coursewright.domain.base import text_sha256
from coursewright.domain.errors import EventInvalid
from coursewright.domain.lesson import LessonPointer, ObjectPlace
from coursewright.domain.prompt_injection import orders_in

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

UNREADABLE = ("NoSuchKey", "NoSuchBucket", "AccessDenied")
MAX_ITEM_BODY_BYTES = 100_000  # bytes; a table item ends at 400 KB, and large items cost more


class TextStore:
    """Texts of one kind under one prefix; the same text is kept once."""

    def __init__(self, client: "S3Client", bucket: str, prefix: str, suffix: str) -> None:
        self._client = client
        self.bucket = bucket
        self._prefix = prefix
        self._suffix = suffix

    def key(self, sha256: str) -> str:
        """Return the key under which a text is kept."""
        return f"{self._prefix}/{sha256}{self._suffix}"

    def within(self, folder: str) -> "TextStore":
        """Return the texts that are kept in a folder of their own."""
        return TextStore(self._client, self.bucket, f"{self._prefix}/{folder}", self._suffix)

    def save(self, text: str) -> str:
        """Keep a text and give its sha256."""
        sha256 = text_sha256(text)
        self._client.put_object(
            Bucket=self.bucket,
            Key=self.key(sha256),
            Body=text.encode(),
            ContentType="text/plain; charset=utf-8",
        )
        return sha256

    def read(self, sha256: str) -> str:
        """Return a text back."""
        answer = self._client.get_object(Bucket=self.bucket, Key=self.key(sha256))
        return answer["Body"].read().decode()


class S3Lessons:
    """Snapshots of lessons."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._texts = TextStore(client, bucket, "lessons", ".html")

    def save(self, html: str, *, course: str = "") -> LessonPointer:
        """Keep a text; each course has its own copy, which can be forgotten with it."""
        texts = self._texts.within(course) if course else self._texts
        sha256 = texts.save(html)
        key = texts.key(sha256)
        bucket, orders = texts.bucket, orders_in(html)
        return LessonPointer(bucket=bucket, key=key, sha256=sha256, orders=orders)

    def read(self, pointer: LessonPointer) -> str:
        """Return the text of a snapshot."""
        answer = self._client.get_object(Bucket=self._texts.bucket, Key=pointer.key)
        return answer["Body"].read().decode()

    def fetch(self, place: ObjectPlace) -> str:
        """Read a lesson where the course platform put it. Raises: EventInvalid."""
        try:
            answer = self._client.get_object(Bucket=place.bucket, Key=place.key)
            return answer["Body"].read().decode("utf-8")
        except ClientError as error:
            if (code := error_code(error)) in UNREADABLE:
                raise EventInvalid("detail.module.s3", f"cannot be read: {code}") from error
            raise
        except UnicodeDecodeError as error:
            raise EventInvalid("detail.module.s3", "the lesson is not UTF-8") from error


class BlobStore:
    """Record bodies: small ones lie in the item, large ones in S3."""

    def __init__(self, texts: TextStore) -> None:
        self._texts = texts

    def pack(self, content: Any, *, most: int = MAX_ITEM_BODY_BYTES) -> Item:
        """Return the item attributes that hold a body."""
        text = content if isinstance(content, str) else json.dumps(content)
        if len(text.encode()) <= most:
            return {"body": text}
        return {"body_sha256": self._texts.save(text)}

    def unpack(self, item: Item) -> str:
        """Return the body that an item holds or points to."""
        if "body" in item:
            body: str = item["body"]
            return body
        return self._texts.read(item["body_sha256"])
