"""Messages to reviewers, subscribers, the team's chat and operators."""

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


class NotificationTopic(Protocol):
    """A topic that anyone interested in reviews can subscribe to."""

    def publish(self, notification: Notification) -> None:
        """Notify all subscribers. Raises: NotificationNotSent."""
        ...


class Chat(Protocol):
    """The team's chat."""

    def post(self, notification: Notification) -> None:
        """Post a notification. Raises: ChatUnreachable or ChatMisconfigured."""
        ...


class Alerts(Protocol):
    """Alerts to operators."""

    def send(self, subject: str, text: str) -> None:
        """Send a message to all operators."""
        ...
