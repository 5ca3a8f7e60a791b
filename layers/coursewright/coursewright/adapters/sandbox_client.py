"""Invokes the function that checks code, and waits for its evidence."""

import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from coursewright.domain.errors import (
    CheckFailed,
    CoursewrightError,
    EventInvalid,
    SandboxUnavailable,
)
from coursewright.domain.evidence import Evidence

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient


class LambdaSandbox:
    """The `check_code` function; its role can only write logs."""

    def __init__(self, client: "LambdaClient", function: str) -> None:
        self._client = client
        self._function = function

    def check(self, request: dict[str, Any]) -> Evidence:
        """Return the evidence for a `check_code` request.

        Raises: SandboxUnavailable, CheckFailed or EventInvalid.
        """
        answer = self._client.invoke(
            FunctionName=self._function, Payload=json.dumps(request).encode()
        )
        payload: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise _translate_error(payload)
        try:
            return Evidence.model_validate(payload)
        except ValidationError as error:
            raise CheckFailed(f"check_code returned no evidence: {error}") from error


def _translate_error(payload: dict[str, Any]) -> CoursewrightError:
    name, message = payload.get("errorType", "Unknown"), str(payload.get("errorMessage", ""))
    if name == "EventInvalid":
        return EventInvalid("check_code", message)
    if name == "SandboxUnavailable":
        return SandboxUnavailable(message)
    return CheckFailed(f"check_code failed with {name}: {message}")
