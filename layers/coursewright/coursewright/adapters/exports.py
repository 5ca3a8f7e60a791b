"""Exports in S3, behind links that expire."""

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

LINK_SECONDS = 900  # time to press a button, not to pass a link around


class S3Exports:
    """Exports under the fingerprint of their content."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def keep(self, name: str, content: bytes, media_type: str) -> str:
        """Keep a file and give a link to it that soon expires."""
        key = f"exports/{hashlib.sha256(content).hexdigest()}/{name}"
        place = {"Bucket": self._bucket, "Key": key}
        saved_as = f'attachment; filename="{name}"'
        self._client.put_object(
            **place,  # type: ignore[arg-type]
            Body=content,
            ContentType=media_type,
            ContentDisposition=saved_as,
        )
        return self._client.generate_presigned_url("get_object", place, ExpiresIn=LINK_SECONDS)
