"""News about a review for people who are not its reviewers."""

from enum import StrEnum

from coursewright.domain.base import Record


class NotificationKind(StrEnum):
    """What has happened."""

    REVIEW_WAITING = "review_waiting"
    PUBLISHED = "published"
    EXPIRED = "expired"


class Notification(Record):
    """One piece of news in words; it holds no address, no code and no link of a reviewer's."""

    kind: NotificationKind
    generation: str
    round: int
    language: str
    title: str
    text: str
    link: str = ""  # to the authoring pages; empty where there is none
    link_words: str = ""
