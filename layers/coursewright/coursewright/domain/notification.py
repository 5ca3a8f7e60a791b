"""Notifications about a generation for people who are not its reviewers."""

from datetime import datetime
from enum import StrEnum

from coursewright.domain.base import Record


class NotificationKind(StrEnum):
    """The event that a notification reports."""

    REVIEW_WAITING = "review_waiting"
    PUBLISHED = "published"
    EXPIRED = "expired"


class Notification(Record):
    """A notification as data; it contains no reviewer's address, code or link."""

    kind: NotificationKind
    generation: str
    round: int
    language: str
    course: str
    module: str
    drafts: int = 0
    assignments: int = 0
    doubtful: int = 0  # assignments approved despite doubts that the reviewer confirmed
    reminder: int = 0
    decide_by: datetime | None = None
    link: str = ""  # to the generation's authoring page; empty if there are no authoring pages


def authoring_link(authoring_url: str, generation: str) -> str:
    """Return the address of a generation's authoring page, if the pages are deployed."""
    if not authoring_url:
        return ""
    return f"{authoring_url.rstrip('/')}/authoring/generations/{generation}"
