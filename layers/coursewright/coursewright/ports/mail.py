"""Mails and notices, and who has had them."""

from typing import Protocol

from coursewright.domain.email import Mail
from coursewright.domain.notification import Notification


class SentMails(Protocol):
    """Which mails went out, so that nobody is mailed twice for one reminder."""

    def claim(self, review: str, reviewer: str, reminder: int) -> bool:
        """Return whether this mail still has to be sent."""
        ...

    def confirm(self, review: str, reviewer: str, reminder: int) -> None:
        """Note that the mail was handed over."""
        ...


class Mailbox(Protocol):
    """Outgoing mail."""

    def send(self, mail: Mail) -> None:
        """Hand a mail over. Raises: MailThrottled or MailRejected."""
        ...


class NotificationTopic(Protocol):
    """News for everybody who wants them."""

    def publish(self, notification: Notification) -> None:
        """Tell everybody who listens. Raises: NotificationNotSent."""
        ...


class Chat(Protocol):
    """The team's chat."""

    def post(self, notification: Notification) -> None:
        """Post a notice. Raises: ChatUnreachable or ChatMisconfigured."""
        ...


class Alerts(Protocol):
    """The people who keep the workflow running."""

    def tell(self, subject: str, text: str) -> None:
        """Send them a message."""
        ...
