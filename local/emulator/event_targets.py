"""Defects in ministack 1.5.33: a rule invokes its function without retries or dead letters.

On AWS a rule invokes a function asynchronously, with that function's retries and dead-letter
queue. An event that cannot be delivered, because the function was deleted or the rule lacks the
permission to invoke it, goes to the dead-letter queue of the rule's target.
"""

import json
from functools import cache
from typing import Any

from ministack.core.arn import parse_arn
from ministack.services import eventbridge, lambda_svc, sqs

from local.emulator.patch_point import patch_point, patch_points


def may_be_invoked(func: dict[str, Any]) -> bool:
    """Return whether the function's resource policy allows EventBridge to invoke it."""
    statements = (func.get("policy") or {}).get("Statement", [])
    principals = [statement.get("Principal") for statement in statements]
    return any(
        principal == "*"
        or (isinstance(principal, dict) and principal.get("Service") == "events.amazonaws.com")
        for principal in principals
    )


def delivery_error(function_arn: str) -> str | None:
    """Return the error code if EventBridge cannot invoke the function, or None."""
    func, config, _ = lambda_svc._get_func_record_for_ref(function_arn)
    if not func or not config:
        return "NO_RESOURCE"
    return None if may_be_invoked(func) else "NO_PERMISSIONS"


def put_message(queue_arn: str, body: str, attributes: dict[str, str]) -> None:
    """Append a message with string attributes to a queue; do nothing if there is no such queue."""
    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        return
    eventbridge._dispatch_to_sqs(parse_arn(queue_arn), body)
    queue["messages"][-1]["message_attributes"] = {
        name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
    }


def dispatch_to_lambda(arn: str, payload: str) -> None:
    """Invoke a rule's function asynchronously."""
    func, config, _ = lambda_svc._get_func_record_for_ref(arn)
    record = lambda_svc._execution_record_for_config(func, config)
    lambda_svc.invoke_async_with_retry(record, json.loads(payload))


@cache
def apply() -> None:
    """Deliver events like AWS, or send them to the target's dead-letter queue."""
    patch_points(lambda_svc, "_get_func_record_for_ref", "_execution_record_for_config")
    patch_points(lambda_svc, "invoke_async_with_retry")
    patch_points(sqs, "_queue_by_arn")
    patch_points(eventbridge, "_dispatch_to_lambda", "_dispatch_to_sqs", "_pattern_event_view")
    invoke_target = patch_point(eventbridge, "_invoke_target")

    def invoke_or_dead_letter(
        target: dict[str, Any], event: Any, rule: Any, view: Any = None
    ) -> None:
        arn = target.get("Arn", "")
        reason = delivery_error(arn) if ":lambda:" in arn else None
        if reason is None:
            invoke_target(target, event, rule, view)
            return
        dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
        if dead_letters:
            view = view or eventbridge._pattern_event_view(event)
            attributes = {
                "RULE_ARN": rule.get("Arn", ""),
                "TARGET_ARN": arn,
                "ERROR_CODE": reason,
                "ERROR_MESSAGE": f"{arn} could not be invoked: {reason}",
            }
            put_message(dead_letters, json.dumps(view.event_with_detail()), attributes)

    eventbridge._invoke_target = invoke_or_dead_letter
    eventbridge._dispatch_to_lambda = dispatch_to_lambda
