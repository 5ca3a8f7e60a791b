"""Invokes a Lambda function without waiting for its result."""

from typing import TYPE_CHECKING

from coursewright.domain.base import Record

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient


class AsyncFunction:
    """A function whose event Lambda queues, and retries if the function fails."""

    def __init__(self, client: "LambdaClient", function: str) -> None:
        self._client = client
        self._function = function

    def __call__(self, task: Record) -> None:
        """Start the function with a task as its event."""
        event = task.model_dump_json().encode()
        self._client.invoke(FunctionName=self._function, InvocationType="Event", Payload=event)
