"""Hands a notice on to the team's chat."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from coursewright.domain.notification import Notification
from coursewright.ports.notifications import Chat


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore")

    Message: str


class _Record(BaseModel):
    model_config = ConfigDict(extra="ignore")

    Sns: _Message


class PostedNotifications(BaseModel):
    """What the topic sends to its subscribers."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    Records: tuple[_Record, ...] = Field(min_length=1)

    @property
    def notifications(self) -> tuple[Notification, ...]:
        """The notices."""
        return tuple(Notification.model_validate_json(one.Sns.Message) for one in self.Records)


def notify_chat(event: dict[str, Any], *, chat: Chat) -> dict[str, int]:
    """Post every notice of an event.

    Raises: ChatUnreachable, so that the call is made again and at last ends in the dead letters.
    """
    notifications = PostedNotifications.model_validate(event).notifications
    for notification in notifications:
        chat.post(notification)
    return {"posted": len(notifications)}
