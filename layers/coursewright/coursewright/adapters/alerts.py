"""Alerts operators about executions that stopped."""

from typing import Any

MAX_SUBJECT_CHARS = 100  # SNS limits email subjects to 100 ASCII characters


class SnsAlerts:
    """Publishes alerts to the alarm topic."""

    def __init__(self, client: Any, topic: str) -> None:
        self._client = client
        self._topic = topic

    def send(self, subject: str, text: str) -> None:
        """Send a message to all subscribers of the alarm topic."""
        ascii_subject = subject.encode("ascii", "replace").decode()[:MAX_SUBJECT_CHARS]
        self._client.publish(TopicArn=self._topic, Subject=ascii_subject, Message=text)
