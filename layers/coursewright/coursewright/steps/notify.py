"""News goes out beside the workflow: whether it arrives changes nothing in it."""

from coursewright.domain.errors import NotificationNotSent
from coursewright.domain.notification import Notification
from coursewright.observability import logger
from coursewright.ports.notifications import NotificationTopic


def notify(notification: Notification | None, *, notification_topic: NotificationTopic) -> None:
    """Put up a notice, if there is one; a board that is down stops no review."""
    if notification is None:
        return
    try:
        notification_topic.publish(notification)
    except NotificationNotSent as error:
        logger.warning(
            "notification_not_sent", generation=notification.generation, error=str(error)
        )
