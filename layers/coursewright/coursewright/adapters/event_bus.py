"""Publishes `Module Published` events on the event bus."""

import json
from typing import TYPE_CHECKING, Any

from coursewright.domain.errors import EventInvalid
from coursewright.domain.lesson import EVENT_DETAIL_TYPE, EVENT_SOURCE

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient

MAX_EVENT_BYTES = 1_048_576  # source, detail-type and detail together


class EventBridgeBus:
    """The event bus on which published modules are announced."""

    def __init__(self, client: "EventBridgeClient", bus: str) -> None:
        self._client = client
        self._bus = bus

    def publish(self, detail: dict[str, Any]) -> None:
        """Publish a `Module Published` event. Raises: EventInvalid."""
        if (size := entry_bytes(detail)) > MAX_EVENT_BYTES:
            raise EventInvalid(
                "detail", f"the event has {size:,} bytes; EventBridge accepts {MAX_EVENT_BYTES:,}"
            )
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
            raise RuntimeError(f"EventBridge rejected the event: {answer['Entries'][0]}")


def entry_bytes(detail: dict[str, Any]) -> int:
    """Return the size of an event as EventBridge counts it."""
    return len((EVENT_SOURCE + EVENT_DETAIL_TYPE + json.dumps(detail)).encode())
