"""Puts messages with attributes into an emulated queue, as AWS services do."""

from typing import Any

from ministack.core.arn import parse_arn
from ministack.services import eventbridge, sqs

from local.emulator.patch_point import patch_points


def put_message(queue_arn: str, body: str, attributes: dict[str, Any]) -> None:
    """Append a message with string attributes to a queue; ignored if the queue does not exist."""
    patch_points(sqs, "_queue_by_arn")
    patch_points(eventbridge, "_dispatch_to_sqs")
    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        return
    eventbridge._dispatch_to_sqs(parse_arn(queue_arn), body)
    queue["messages"][-1]["message_attributes"] = {
        name: {"DataType": "String", "StringValue": str(value)}
        for name, value in attributes.items()
    }
