"""A run stopped: operators are told why, what redrive will do, and until when it can be pressed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from coursewright.ports.generations import Executions
from coursewright.ports.notifications import Alerts

DAYS_TO_REDRIVE = 14
ADVICE = {
    "BudgetExceeded": "Raise the parameter MonthlyBudgetUsd, or wait for the next month.",
    "ModelThrottled": "The provider asks to slow down. Wait, or raise the quota.",
    "ModelUnavailable": "The provider is down. Wait, or switch the model off in the registry.",
    "ModelCallInFlight": "An earlier call may still run. Wait five minutes.",
    "ModelNotUsable": "Put the key into ModelKeysSecret, or mend the model's registry entry.",
    "ModelOutputInvalid": "Mend the prompt, or switch the model off in the registry.",
    "SandboxUnavailable": "Read the log of check_code, and deploy it anew with its layer.",
    "MailRejected": "Let SES know the sender, and check the reviewer's address.",
    "MailThrottled": "Raise the sending quota of SES, or wait.",
    "ReviewChanged": "Drafts changed after their review. Publish the lesson with a request_id.",
    "TableContended": "Too many runs wrote the same sum at once. Let fewer begin at once.",
}
ENGINES = {
    "Lambda.TooManyRequestsException": "Raise the account's concurrency limit, or begin fewer"
    " runs at once.",
    "States.ExceedToleratedFailureThreshold": "Read the course's report in the bucket, under"
    " courses/: mend the modules it names.",
    "States.Timeout": "A function took too long. Read its log; if it had too much to do at once,"
    " nothing is to be mended.",
}
UNKNOWN = "Read the log of the state's function; the error is not one of those we expect."


def report_failure(
    event: dict[str, Any], *, executions: Executions, alerts: Alerts
) -> dict[str, str]:
    """Mail the error in words, what to do, and the console's deep link to the run."""
    detail = event["detail"]
    execution = executions.get(detail["executionArn"])
    error, message = (execution.error, execution.message) if execution else ("", "")
    stopped_at = datetime.fromtimestamp(detail["stopDate"] / 1000, UTC)
    until = stopped_at + timedelta(days=DAYS_TO_REDRIVE)
    lines = [
        f"Run {detail['name']} ended as {detail['status']} at {stopped_at:%d %b %Y, %H:%M} UTC.",
        f"{error}: {message}" if error else "The engine names no error.",
        f"What to do: {_advice(detail['status'], error)}",
        f"Then press Redrive, until {until:%d %b %Y, %H:%M} UTC: the run goes on at the states that"
        " stopped, what was done is not done again, and no model call is paid twice. Nobody is"
        " mailed twice for the same reminder.",
        _deep_link(event["region"], detail["executionArn"]),
    ]
    subject = f"Coursewright: {detail['name']} {detail['status']} {error}".strip()
    alerts.send(subject, "\n\n".join(lines))
    return {"execution": detail["name"], "error": error}


def known_advice(error: str) -> str:
    """Say what to do about an error that we expect; nothing about any other."""
    return (ADVICE | ENGINES).get(error, "")


def _advice(status: str, error: str) -> str:
    if status == "ABORTED":
        return "Somebody stopped it. If that was a mistake, nothing has to be mended."
    if status == "TIMED_OUT":
        return "It took longer than the machine allows. Look for a state that hangs."
    return known_advice(error) or UNKNOWN


def _deep_link(region: str, execution: str) -> str:
    console = f"https://{region}.console.aws.amazon.com/states/home?region={region}"
    return f"{console}#/v2/executions/details/{execution}"
