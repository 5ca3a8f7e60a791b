"""Sends email through SES and records sent emails in the table."""

from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from coursewright.adapters.table import Table, error_code
from coursewright.domain.email import Email
from coursewright.domain.errors import MailRejected, MailThrottled
from coursewright.domain.invitation import Invitation
from coursewright.pages.email import render_invitation

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
SENT_DAYS = 180  # long after the review has closed


class SesMailbox:
    """Sends email through our own SES configuration set, which does no tracking."""

    def __init__(
        self, client: "SESV2Client", table: Table, *, sender: str, configuration: str
    ) -> None:
        self._client = client
        self._table = table
        self._sender = sender
        self._configuration = configuration

    def send(self, invitation: Invitation) -> None:
        """Email an invitation. Raises: MailThrottled or MailRejected."""
        self._send(render_invitation(invitation))

    def _send(self, email: Email) -> None:
        try:
            self._client.send_email(
                FromEmailAddress=self._sender,
                ConfigurationSetName=self._configuration,
                Destination={"ToAddresses": [email.recipient]},
                Content={
                    "Simple": {
                        "Subject": _utf8(email.subject),
                        "Body": {"Text": _utf8(email.text), "Html": _utf8(email.html)},
                        "Headers": self._headers(email),
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
        """Return whether this email was already sent to a reviewer."""
        return self._table.get(review, _sort_key(reviewer, reminder)) is not None

    def mark_sent(self, review: str, reviewer: str, reminder: int) -> None:
        """Record that this email was sent to a reviewer."""
        item = {"PK": review, "SK": _sort_key(reviewer, reminder)}
        self._table.put(item | self._table.expiry(SENT_DAYS))

    def _headers(self, email: Email) -> "list[MessageHeaderTypeDef]":
        """Return headers for unsubscribing by email, because a link scanner could follow a URL."""
        if not email.stop_subject:
            return []
        target = f"mailto:{parseaddr(self._sender)[1]}?subject={quote(email.stop_subject, safe='')}"
        return [{"Name": "List-Unsubscribe", "Value": f"<{target}>"}]


def _sort_key(reviewer: str, reminder: int) -> str:
    return f"MAIL#{reviewer}#{reminder}"


def _utf8(text: str) -> "ContentTypeDef":
    return {"Data": text, "Charset": "UTF-8"}
