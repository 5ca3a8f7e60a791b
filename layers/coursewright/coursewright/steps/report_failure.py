"""Alerts operators when an execution stops: why, what to do, and how long it can be redriven."""

from datetime import UTC, datetime, timedelta
from typing import Any

from coursewright.ports.generations import Executions
from coursewright.ports.notifications import SendAlert

REDRIVE_DAYS = 14
ADVICE = {
    "BudgetExceeded": "Increase the parameter MonthlyBudgetUsd, or wait until next month.",
    "ModelThrottled": "The provider is rate-limiting requests. Wait, or request a higher quota.",
    "ModelUnavailable": "The provider is down. Wait, or disable the model in the registry.",
    "ModelCallInFlight": "An earlier call may still be running. Wait five minutes.",
    "ModelNotUsable": "Add the key to ModelKeysSecret, or fix the model's registry entry.",
    "ModelOutputInvalid": "Fix the prompt, or disable the model in the registry.",
    "SandboxUnavailable": "Read the log of check_code, then redeploy it with its layer.",
    "MailRejected": "Verify the sender in SES, and check the reviewer's address.",
    "MailThrottled": "Wait, or request a higher SES sending quota.",
    "ReviewChanged": "The drafts changed after review. Publish the lesson with a new request_id.",
    "TableContended": "Too many executions updated the same total. Start fewer at a time.",
}
STEP_FUNCTIONS_ADVICE = {
    "Lambda.TooManyRequestsException": "Increase the account's concurrency limit, or start"
    " fewer executions at a time.",
    "States.ExceedToleratedFailureThreshold": "Read the course's report in the bucket, under"
    " courses/, and fix the modules that it lists.",
    "States.Timeout": "A function took too long. Read its log; if the load was too high, nothing"
    " needs to be fixed.",
}
UNKNOWN = "This is an unexpected error. Read the log of the state's function."


def report_failure(
    event: dict[str, Any], *, executions: Executions, send_alert: SendAlert
) -> dict[str, str]:
    """Email the error, advice on what to do, and a link to the execution."""
    detail = event["detail"]
    execution = executions.get(detail["executionArn"])
    error, message = (execution.error, execution.message) if execution else ("", "")
    stopped_at = datetime.fromtimestamp(detail["stopDate"] / 1000, UTC)
    until = stopped_at + timedelta(days=REDRIVE_DAYS)
    lines = [
        f"Execution {detail['name']} finished with status {detail['status']}"
        f" on {stopped_at:%d %b %Y, %H:%M} UTC.",
        f"{error}: {message}" if error else "Step Functions reported no error.",
        f"What to do: {_advice(detail['status'], error)}",
        f"Then choose Redrive, no later than {until:%d %b %Y, %H:%M} UTC. The execution continues"
        " at the states that stopped: finished work is not repeated, no model call is paid for"
        " twice, and no reminder is sent twice.",
        _deep_link(event["region"], detail["executionArn"]),
    ]
    subject = f"Coursewright: {detail['name']} {detail['status']} {error}".strip()
    send_alert(subject, "\n\n".join(lines))
    return {"execution": detail["name"], "error": error}


def known_advice(error: str) -> str:
    """Return advice on an expected error, or an empty string for any other."""
    return (ADVICE | STEP_FUNCTIONS_ADVICE).get(error, "")


def _advice(status: str, error: str) -> str:
    if status == "ABORTED":
        return "It was stopped on purpose. If that was a mistake, nothing needs to be fixed."
    if status == "TIMED_OUT":
        return "It exceeded the state machine's timeout. Look for a state that does not finish."
    return known_advice(error) or UNKNOWN


def _deep_link(region: str, execution: str) -> str:
    console = f"https://{region}.console.aws.amazon.com/states/home?region={region}"
    return f"{console}#/v2/executions/details/{execution}"
