"""A mail before it is sent."""

from coursewright.domain.records import Record


class Mail(Record):
    """One mail to one person, in plain text and HTML."""

    recipient: str
    subject: str
    text: str
    html: str
