"""Alerts operators when an execution stops."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.report_failure import report_failure


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the event for an execution that failed, timed out or was aborted."""
    executions, send_alert = wiring.known_executions(), wiring.alerts().send
    return report_failure(event, executions=executions, send_alert=send_alert)
