"""An email that is ready to send."""

from coursewright.domain.base import Record


class Email(Record):
    """An email to one person, in plain text and HTML."""

    recipient: str
    subject: str
    text: str
    html: str
    stop_subject: str = ""  # subject of the reply that stops reminders; empty for first emails
