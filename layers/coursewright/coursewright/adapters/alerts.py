"""What operators are told of a run that stopped, and how they are told."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.client import SFNClient

MAX_SUBJECT_CHARS = 100  # of a mail through SNS, in ASCII


class StepFunctionsStoppedExecutions:
    """Runs that stopped, as the engine remembers them."""

    def __init__(self, engine: "SFNClient") -> None:
        self._engine = engine

    def cause(self, execution: str) -> tuple[str, str]:
        """Return the name of a run's error and its sentence."""
        found = self._engine.describe_execution(executionArn=execution)
        return found.get("error", ""), _sentence(found.get("cause", ""))


class SnsAlerts:
    """Alerts behind the alarm topic."""

    def __init__(self, client: Any, topic: str) -> None:
        self._client = client
        self._topic = topic

    def tell(self, subject: str, text: str) -> None:
        """Send a message to everybody who takes alarms."""
        plain = subject.encode("ascii", "replace").decode()[:MAX_SUBJECT_CHARS]
        self._client.publish(TopicArn=self._topic, Subject=plain, Message=text)


def _sentence(cause: str) -> str:
    """A function's error comes as JSON with a stack trace; only its message is for people."""
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return cause
