"""Lessons in S3: snapshots per course, and authors' uploads before a generation starts."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from coursewright.adapters.blob_store import TextStore
from coursewright.adapters.table import error_code
from coursewright.domain.errors import EventInvalid
from coursewright.domain.lesson import (
    PLACE_FIELD,
    LessonPointer,
    ObjectPlace,
    require_lesson_size,
)
from coursewright.domain.problems import ProblemCode
from coursewright.domain.prompt_injection import count_injections

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

UNREADABLE = ("NoSuchKey", "NoSuchBucket", "AccessDenied")


class S3Lessons:
    """Lesson texts stored by sha256."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._texts = TextStore(client, bucket, "lessons", ".html")
        self._uploads = TextStore(client, bucket, "uploads", ".html")

    def save(self, html: str, *, course: str = "") -> LessonPointer:
        """Store a text; each course has its own copy, so that it can be erased with the course."""
        texts = self._texts.within(course) if course else self._texts
        sha256 = texts.save(html)
        key = texts.key(sha256)
        bucket, orders = texts.bucket, count_injections(html)
        return LessonPointer(bucket=bucket, key=key, sha256=sha256, orders=orders)

    def read(self, pointer: LessonPointer) -> str:
        """Return the text of a snapshot."""
        answer = self._client.get_object(Bucket=self._texts.bucket, Key=pointer.key)
        return answer["Body"].read().decode()

    def fetch(self, place: ObjectPlace) -> str:
        """Read a lesson from where the course platform stored it. Raises: EventInvalid."""
        try:
            answer = self._client.get_object(Bucket=place.bucket, Key=place.key)
            require_lesson_size(answer["ContentLength"], PLACE_FIELD)
            return answer["Body"].read().decode("utf-8")
        except ClientError as error:
            if (code := error_code(error)) in UNREADABLE:
                raise EventInvalid(PLACE_FIELD, f"cannot be read: {code}") from error
            raise
        except UnicodeDecodeError as error:
            raise EventInvalid(
                PLACE_FIELD, "the lesson is not UTF-8", ProblemCode.LESSON_NOT_UTF_8
            ) from error

    def save_upload(self, html: str) -> ObjectPlace:
        """Store an author's lesson where `start_generation` will fetch it."""
        return ObjectPlace(
            bucket=self._uploads.bucket, key=self._uploads.key(self._uploads.save(html))
        )
