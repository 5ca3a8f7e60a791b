"""Publishes a notification; failures are logged, not raised."""

from coursewright.domain.errors import NotificationNotSent
from coursewright.domain.notification import Notification
from coursewright.observability import logger
from coursewright.ports.notifications import PublishNotification


def notify(notification: Notification, *, publish: PublishNotification) -> None:
    """Publish a notification; an unavailable topic does not stop the workflow."""
    try:
        publish(notification)
    except NotificationNotSent as error:
        logger.warning(
            "notification_not_sent", generation=notification.generation, error=str(error)
        )
