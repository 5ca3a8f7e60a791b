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
    """One notification as data; it contains no address, code or link of a reviewer."""

    kind: NotificationKind
    generation: str
    round: int
    language: str
    course: str
    module: str
    drafts: int = 0
    assignments: int = 0
    reminder: int = 0
    decide_by: datetime | None = None
    link: str = ""  # to the generation on the authoring pages; empty if there are none


def authoring_link(authoring_url: str, generation: str) -> str:
    """Return the address of a generation on the authoring pages, if they are deployed."""
    if not authoring_url:
        return ""
    return f"{authoring_url.rstrip('/')}/authoring/generations/{generation}"
