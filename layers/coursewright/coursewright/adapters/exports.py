"""Exported files and export results, stored in S3."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from coursewright.domain.export import Export

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

LINK_SECONDS = 900  # long enough to click, too short to share
# S3 returns 403 for a missing key unless the role may list the bucket.
MISSING = ("NoSuchKey", "AccessDenied")


class S3Exports:
    """Exports by id; the bucket's lifecycle rules delete them after a day."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def find(self, export: str) -> Export | None:
        """Return an export's newest result, or None."""
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=_result_key(export))
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise
        return Export.model_validate_json(answer["Body"].read())

    def save(self, export: str, result: Export) -> None:
        """Store an export's result, replacing any previous one."""
        self._client.put_object(
            Bucket=self._bucket,
            Key=_result_key(export),
            Body=result.model_dump_json().encode(),
            ContentType="application/json",
        )

    def save_file(self, export: str, result: Export, content: bytes, media_type: str) -> None:
        """Store the exported file that belongs to a result."""
        self._client.put_object(
            Bucket=self._bucket,
            Key=_file_key(export, result),
            Body=content,
            ContentType=media_type,
            ContentDisposition=f'attachment; filename="{result.file}"',
        )

    def link(self, export: str, result: Export) -> str:
        """Return a short-lived link to a result's file."""
        place = {"Bucket": self._bucket, "Key": _file_key(export, result)}
        return self._client.generate_presigned_url("get_object", place, ExpiresIn=LINK_SECONDS)


def _result_key(export: str) -> str:
    return f"exports/{export}/result.json"


def _file_key(export: str, result: Export) -> str:
    return f"exports/{export}/{result.content_sha256}/{result.file}"
