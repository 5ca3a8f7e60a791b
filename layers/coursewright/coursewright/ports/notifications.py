"""Messages to reviewers, subscribers, the team's chat and operators."""

from collections.abc import Callable
from typing import Protocol

from coursewright.domain.invitation import Invitation
from coursewright.domain.notification import Notification


class Mailbox(Protocol):
    """Outgoing email, and a record of what was sent."""

    def send(self, invitation: Invitation) -> None:
        """Email an invitation. Raises: MailThrottled or MailRejected."""
        ...

    def is_sent(self, review: str, reviewer: str, reminder: int) -> bool:
        """Return whether this email was already sent to a reviewer."""
        ...

    def mark_sent(self, review: str, reviewer: str, reminder: int) -> None:
        """Record that this email was sent to a reviewer, so that a retry does not send it again."""
        ...


type PublishNotification = Callable[[Notification], None]
"""Notifies all subscribers of the topic. Raises: NotificationNotSent."""

type PostNotification = Callable[[Notification], None]
"""Posts a notification to the team's chat. Raises: ChatUnreachable or ChatMisconfigured."""

type SendAlert = Callable[[str, str], None]
"""Sends a message with a subject and a text to all operators."""
