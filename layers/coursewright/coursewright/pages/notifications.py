"""Renders notifications in the language of the brief."""

from coursewright.domain.base import Record
from coursewright.domain.notification import Notification, NotificationKind
from coursewright.markup.formatting import count, moment, unlinked
from coursewright.markup.i18n import _, ngettext, use_language


class NotificationText(Record):
    """The text of a notification; `link_text` is empty if there is no link."""

    title: str
    text: str
    link_text: str


def render_notification(notification: Notification) -> NotificationText:
    """Return a notification's text."""
    with use_language(notification.language):
        module, course = unlinked(notification.module), unlinked(notification.course)
        title = _("%(module)s (%(course)s)", module=module, course=course)
        link_text = _("Open the generation") if notification.link else ""
        return NotificationText(
            title=" ".join(title.split()), text=_text(notification), link_text=link_text
        )


def _text(notification: Notification) -> str:
    if notification.kind is NotificationKind.PUBLISHED:
        return _published_text(notification)
    if notification.kind is NotificationKind.EXPIRED:
        return _("No decision was made in time, so nothing was published.")
    placeholders = {
        "drafts": count(notification.drafts, "draft"),
        "moment": moment(notification.decide_by) if notification.decide_by else "",
    }
    if notification.reminder:
        text = _(
            "Reminder: a review is still waiting for a decision (%(drafts)s, due %(moment)s).",
            **placeholders,
        )
    else:
        text = _("A review is waiting for a decision (%(drafts)s, due %(moment)s).", **placeholders)
    return f"{text} {_('The reviewers have received the link and the code by email.')}"


def _published_text(notification: Notification) -> str:
    published = ngettext(
        "%(num)s assignment has been published.",
        "%(num)s assignments have been published.",
        notification.assignments,
    )
    if not notification.doubtful:
        return published
    doubtful = ngettext(
        "%(num)s of them was approved despite doubts.",
        "%(num)s of them were approved despite doubts.",
        notification.doubtful,
    )
    return f"{published} {doubtful}"
