"""Exports in S3, behind links that expire, and the function that puts them there."""

import hashlib
import json
from typing import TYPE_CHECKING

from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export import Exported, Format

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient
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


class LambdaExporter:
    """The one function that reads assignments and keeps their exports for the authoring pages."""

    def __init__(self, client: "LambdaClient", function: str) -> None:
        self._client = client
        self._function = function

    def export(self, generation: str, form: Format) -> Exported:
        """Export what was approved of a generation. Raises: ExportImpossible."""
        task = {"names": [generation], "format": form}
        answer = self._client.invoke(FunctionName=self._function, Payload=json.dumps(task).encode())
        content = json.loads(answer["Payload"].read())
        if "FunctionError" not in answer:
            return Exported.model_validate(content)
        if content.get("errorType") == ExportImpossible.__name__:
            raise ExportImpossible(str(content.get("errorMessage", "")))
        raise RuntimeError(f"{generation} was not exported: {content}")
