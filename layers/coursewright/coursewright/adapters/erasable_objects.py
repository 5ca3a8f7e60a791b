"""Objects of the content bucket that an erasure changes or deletes."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class ErasableObjects:
    """Objects of the content bucket that may be changed or deleted."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def delete(self, key: str) -> None:
        """Delete an object; a missing object is not an error."""
        self._client.delete_object(Bucket=self._bucket, Key=key)

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys of all objects under a prefix."""
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
            yield from (item["Key"] for item in page.get("Contents", []))

    def rewrite(self, key: str, change: Callable[[Any], Any]) -> bool:
        """Change the JSON of an object if it exists; return whether this changed it."""
        try:
            content = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return False
        old = json.loads(content)
        if (new := change(old)) == old:
            return False
        body = json.dumps(new, ensure_ascii=False).encode()
        self._client.put_object(
            Bucket=self._bucket, Key=key, Body=body, ContentType="application/json"
        )
        return True
