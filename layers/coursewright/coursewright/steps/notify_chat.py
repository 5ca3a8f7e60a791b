"""Posts notifications to the team's chat."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from coursewright.domain.notification import Notification
from coursewright.ports.notifications import PostNotification


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore")

    Message: str


class _SnsRecord(BaseModel):
    model_config = ConfigDict(extra="ignore")

    Sns: _Message


class _PublishedNotification(Notification):
    """A notification as published, including its rendered text."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PublishedNotifications(BaseModel):
    """The event that the notification topic sends to its subscribers."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    Records: tuple[_SnsRecord, ...] = Field(min_length=1)

    @property
    def notifications(self) -> tuple[Notification, ...]:
        """The notifications in the event."""
        return tuple(
            _PublishedNotification.model_validate_json(record.Sns.Message)
            for record in self.Records
        )


def notify_chat(event: dict[str, Any], *, post: PostNotification) -> dict[str, int]:
    """Post all notifications in an event.

    Raises: ChatUnreachable; the event is then retried and finally sent to the dead-letter queue.
    """
    notifications = PublishedNotifications.model_validate(event).notifications
    for notification in notifications:
        post(notification)
    return {"posted": len(notifications)}
