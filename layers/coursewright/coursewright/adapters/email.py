"""Sends email through SES and records in the table what was sent."""

from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from coursewright.adapters.table import Table, error_code
from coursewright.domain.email import Mail
from coursewright.domain.errors import MailRejected, MailThrottled

if TYPE_CHECKING:
    from mypy_boto3_sesv2.client import SESV2Client
    from mypy_boto3_sesv2.type_defs import ContentTypeDef, MessageHeaderTypeDef

MAIL_REJECTED = (
    "AccessDeniedException",
    "AccountSuspendedException",
    "BadRequestException",
    "MailFromDomainNotVerifiedException",
    "MessageRejected",
    "NotFoundException",
)
SENT_DAYS = 180  # long after the review has ended


class SesMailbox:
    """Outgoing email, under our own configuration set, which tracks nothing."""

    def __init__(
        self, client: "SESV2Client", table: Table, *, sender: str, configuration: str
    ) -> None:
        self._client = client
        self._table = table
        self._sender = sender
        self._configuration = configuration

    def send(self, mail: Mail) -> None:
        """Send an email. Raises: MailThrottled or MailRejected."""
        try:
            self._client.send_email(
                FromEmailAddress=self._sender,
                ConfigurationSetName=self._configuration,
                Destination={"ToAddresses": [mail.recipient]},
                Content={
                    "Simple": {
                        "Subject": _utf8(mail.subject),
                        "Body": {"Text": _utf8(mail.text), "Html": _utf8(mail.html)},
                        "Headers": self._headers(mail),
                    }
                },
            )
        except ClientError as error:
            message = error.response.get("Error", {}).get("Message", "")
            description = f"SES answered {error_code(error)}: {message}"
            if error_code(error) in MAIL_REJECTED:
                raise MailRejected(description) from error
            raise MailThrottled(description) from error
        except BotoCoreError as error:
            raise MailThrottled(f"SES cannot be reached: {type(error).__name__}") from error

    def is_sent(self, review: str, reviewer: str, reminder: int) -> bool:
        """Return whether a reviewer already got this email."""
        return self._table.get(review, _sort_key(reviewer, reminder)) is not None

    def mark_sent(self, review: str, reviewer: str, reminder: int) -> None:
        """Record that a reviewer got this email."""
        item = {"PK": review, "SK": _sort_key(reviewer, reminder)}
        self._table.put(item | self._table.expiry(SENT_DAYS))

    def _headers(self, mail: Mail) -> "list[MessageHeaderTypeDef]":
        """Offer unsubscribing by email to a person, so that no link scanner can stop reminders."""
        if not mail.stop_subject:
            return []
        target = f"mailto:{parseaddr(self._sender)[1]}?subject={quote(mail.stop_subject, safe='')}"
        return [{"Name": "List-Unsubscribe", "Value": f"<{target}>"}]


def _sort_key(reviewer: str, reminder: int) -> str:
    return f"MAIL#{reviewer}#{reminder}"


def _utf8(text: str) -> "ContentTypeDef":
    return {"Data": text, "Charset": "UTF-8"}
