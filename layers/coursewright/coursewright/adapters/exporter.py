"""Invokes the function that exports assignments for the authoring pages."""

import json
from typing import TYPE_CHECKING

from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export import Exported, Format

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient


class LambdaExporter:
    """The `export_assignments` function, which reads assignments and stores the files."""

    def __init__(self, client: "LambdaClient", function: str) -> None:
        self._client = client
        self._function = function

    def export(self, generation: str, form: Format) -> Exported:
        """Export the approved assignments of a generation. Raises: ExportImpossible."""
        task = {"names": [generation], "format": form}
        answer = self._client.invoke(FunctionName=self._function, Payload=json.dumps(task).encode())
        content = json.loads(answer["Payload"].read())
        if "FunctionError" not in answer:
            return Exported.model_validate(content)
        if content.get("errorType") == ExportImpossible.__name__:
            raise ExportImpossible(str(content.get("errorMessage", "")))
        raise RuntimeError(f"{generation} could not be exported: {content}")
