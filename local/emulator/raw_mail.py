"""Defect in ministack 1.5.33: an email sent as `Raw` loses its sender and recipients.

SES reads them from the message headers if the request omits them, and decodes the bodies as the
message declares.
"""

import base64
import json
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from email.utils import getaddresses
from functools import cache
from typing import Any

from ministack.services import ses, ses_v2

from local.emulator.patch_point import patch_point, patch_points

SENT = "/v2/email/outbound-emails"


def addresses(message: EmailMessage, header: str) -> list[str]:
    """Return the addresses in a header."""
    return [address for _, address in getaddresses(message.get_all(header, [])) if address]


def body(message: EmailMessage, kind: str) -> str | None:
    """Return the decoded text of the first part with a content type, or None."""
    part = message.get_body(preferencelist=(kind,))
    return None if part is None else str(part.get_content())


def complete(record: dict[str, Any], message: EmailMessage) -> None:
    """Add the fields that ministack does not read from the message."""
    record["Source"] = record["Source"] or ", ".join(addresses(message, "From"))
    record["To"] = record["To"] or addresses(message, "To")
    record["Subject"] = str(message["Subject"] or "")
    record["BodyText"] = body(message, "plain") or ""
    record["BodyHtml"] = body(message, "html")


@cache
def apply() -> None:
    """Read raw emails like SES."""
    patch_points(ses, "_sent_emails_list")
    handle_request = patch_point(ses_v2, "handle_request")

    async def handle_raw(method: str, path: str, headers: Any, content: bytes, query: Any) -> Any:
        response = await handle_request(method, path, headers, content, query)
        if method == "POST" and path.rstrip("/") == SENT and response[0] == 200:
            raw = json.loads(content).get("Content", {}).get("Raw")
            if raw:
                message = message_from_bytes(base64.b64decode(raw["Data"]), policy=modern)
                complete(ses._sent_emails_list()[-1], message)
        return response

    ses_v2.handle_request = handle_raw
