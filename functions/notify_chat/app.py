"""Posts review notifications to the team's chat."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.notify_chat import notify_chat


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle messages from the notification topic."""
    return notify_chat(event, post=wiring.chat().post)
