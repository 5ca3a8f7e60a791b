"""What the authoring pages reaches outside the table."""

import json
from typing import TYPE_CHECKING, Any

from coursewright.domain.base import text_sha256
from coursewright.domain.errors import EventInvalid, ModelNotUsable
from coursewright.domain.execution import Run, RunStatus
from coursewright.domain.lesson import EVENT_DETAIL_TYPE, EVENT_SOURCE, ObjectPlace
from coursewright.domain.model_call import ListedModel

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_stepfunctions.client import SFNClient

UPLOADS = "uploads"
MAX_EVENT_BYTES = 1_048_576  # bytes of source, detail-type and detail


class StepFunctionsRuns:
    """Runs as the engine describes them; their history, which holds task tokens, stays unread."""

    def __init__(self, client: "SFNClient") -> None:
        self._client = client

    def get(self, execution: str) -> Run | None:
        """Return a run, or None where the engine has forgotten it."""
        try:
            found = self._client.describe_execution(executionArn=execution)
        except self._client.exceptions.ExecutionDoesNotExist:
            return None
        return Run(
            status=RunStatus(found["status"]),
            error=found.get("error", ""),
            message=_message(found.get("cause", "")),
        )


class EventBridgeBus:
    """The bus on which the course platform announces modules."""

    def __init__(self, client: "EventBridgeClient", bus: str) -> None:
        self._client = client
        self._bus = bus

    def publish(self, detail: dict[str, Any]) -> None:
        """Put a `Module Published` event on the bus. Raises: EventInvalid."""
        if (size := entry_bytes(detail)) > MAX_EVENT_BYTES:
            raise EventInvalid("detail", f"{size:,} bytes are larger than an event may be")
        answer = self._client.put_events(
            Entries=[
                {
                    "EventBusName": self._bus,
                    "Source": EVENT_SOURCE,
                    "DetailType": EVENT_DETAIL_TYPE,
                    "Detail": json.dumps(detail),
                }
            ]
        )
        if answer["FailedEntryCount"]:
            raise RuntimeError(f"the bus refused the event: {answer['Entries'][0]}")


class S3Uploads:
    """Lessons that an author handed in, where `start_generation` fetches them."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def save(self, html: str) -> ObjectPlace:
        """Keep a lesson; the same one lies in the same place."""
        key = f"{UPLOADS}/{text_sha256(html)}.html"
        self._client.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=html.encode(),
            ContentType="text/plain; charset=utf-8",
        )
        return ObjectPlace(bucket=self._bucket, key=key)


class LambdaModelCatalogue:
    """The selectable models, read from the one function that sees the providers' keys."""

    def __init__(self, client: "LambdaClient", function: str) -> None:
        self._client = client
        self._function = function

    def models(self) -> tuple[ListedModel, ...]:
        """Return all models of the registry, with what keeps some from being called."""
        answer = self._client.invoke(FunctionName=self._function, Payload=b"{}")
        content = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise ModelNotUsable(f"the models cannot be listed: {content.get('errorMessage')}")
        return tuple(ListedModel.model_validate(one) for one in content["models"])


def entry_bytes(detail: dict[str, Any]) -> int:
    """Measure an event as the bus does."""
    return len((EVENT_SOURCE + EVENT_DETAIL_TYPE + json.dumps(detail)).encode())


def _message(cause: str) -> str:
    try:
        content = json.loads(cause)
    except ValueError:
        return cause
    return str(content.get("errorMessage", cause)) if isinstance(content, dict) else cause
