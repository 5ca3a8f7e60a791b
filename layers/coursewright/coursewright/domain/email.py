"""A mail before it is sent."""

from coursewright.domain.base import Record


class Mail(Record):
    """One mail to one person, in plain text and HTML."""

    recipient: str
    subject: str
    text: str
    html: str
    stop_subject: str = ""  # of the mail that stops such mails; empty where they may not be stopped
