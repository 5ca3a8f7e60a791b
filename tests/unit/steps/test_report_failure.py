"""Tests the message that operators get when an execution fails."""

import json
from pathlib import Path
from typing import Any

import pytest

from coursewright.adapters.alerts import SnsAlerts
from coursewright.adapters.executions import StepFunctionsExecutions
from coursewright.domain import errors
from coursewright.domain.execution import Execution, ExecutionStatus
from coursewright.steps.report_failure import ADVICE, UNKNOWN, report_failure
from tests.fakes.memory_authoring import MemoryExecutions

ROOT = Path(__file__).parents[3]
EVENT = json.loads((ROOT / "events" / "report_failure" / "failed.json").read_text())


class MemoryAlerts:
    def __init__(self) -> None:
        self.subject, self.text = "", ""

    def send(self, subject: str, text: str) -> None:
        self.subject, self.text = subject, text


def reported(status: str = "FAILED", error: str = "", message: str = "") -> MemoryAlerts:
    alerts, executions = MemoryAlerts(), MemoryExecutions()
    event = EVENT | {"detail": EVENT["detail"] | {"status": status}}
    executions.known[EVENT["detail"]["executionArn"]] = Execution(
        status=ExecutionStatus(status), error=error, message=message
    )
    report_failure(event, executions=executions, send_alert=alerts.send)
    return alerts


def test_the_alert_gives_the_cause_the_fix_and_the_deadline() -> None:
    alert = reported(error="BudgetExceeded", message="$3 of $2 is taken.")

    assert "loops-0f3a9c52d1b7e864 FAILED BudgetExceeded" in alert.subject
    assert "BudgetExceeded: $3 of $2 is taken." in alert.text
    assert "Increase the parameter MonthlyBudgetUsd" in alert.text
    assert "choose Redrive, no later than 29 Jan 2026, 09:10 UTC" in alert.text
    assert alert.text.endswith(EVENT["detail"]["executionArn"])


@pytest.mark.parametrize("error", ADVICE)
def test_every_error_with_advice_exists(error: str) -> None:
    assert issubclass(getattr(errors, error), errors.CoursewrightError)
    assert ADVICE[error] in reported(error=error).text


@pytest.mark.parametrize(
    ("status", "error", "advice"),
    [
        ("FAILED", "KeyError", UNKNOWN),
        ("ABORTED", "", "stopped on purpose"),
        ("TIMED_OUT", "States.Timeout", "exceeded the state machine's timeout"),
        ("FAILED", "States.ExceedToleratedFailureThreshold", "the modules that it lists"),
        ("FAILED", "States.Timeout", "A function took too long."),
        ("FAILED", "Lambda.TooManyRequestsException", "start fewer"),
    ],
)
def test_other_causes_are_explained_too(status: str, error: str, advice: str) -> None:
    assert advice in reported(status, error).text


def test_a_functions_error_is_reported_without_its_stack_trace() -> None:
    class Client:
        def describe_execution(self, **_: Any) -> dict[str, str]:
            cause = json.dumps({"errorMessage": "no key", "stackTrace": ["line 1"]})
            return {"status": "FAILED", "error": "ModelNotUsable", "cause": cause}

        class exceptions:
            ExecutionDoesNotExist = KeyError

    execution = StepFunctionsExecutions(Client()).get("arn")  # type: ignore[arg-type]

    assert execution is not None
    assert (execution.error, execution.message) == ("ModelNotUsable", "no key")


def test_a_subject_fits_into_an_sns_email() -> None:
    sent: list[dict[str, str]] = []

    class Topic:
        def publish(self, **message: str) -> None:
            sent.append(message)

    SnsAlerts(Topic(), "topic").send("ünïcode " * 20, "text")

    assert len(sent[0]["Subject"]) == 100
    assert sent[0]["Subject"].isascii()
