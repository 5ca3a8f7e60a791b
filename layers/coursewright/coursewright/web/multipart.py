"""Reads a form that may bring a file."""

from email.message import EmailMessage, Message
from email.parser import BytesParser

MULTIPART_TYPE = "multipart/form-data"


def multipart_fields(content_type: str, body: bytes, *, most: int) -> dict[str, tuple[str, ...]]:
    """Return the texts of all fields and files; a byte that is no UTF-8 becomes U+FFFD.

    Raises: ValueError for more fields than allowed.
    """
    from email.policy import HTTP  # brings half of the package, and few forms bring a file

    head = f"content-type: {content_type}\r\n\r\n".encode("ascii", "replace")
    message = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + body)
    fields: dict[str, tuple[str, ...]] = {}
    parts = list(message.iter_parts()) if message.is_multipart() else []
    if len(parts) > most:
        raise ValueError(f"a form of {len(parts)} fields")
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            fields[name] = (*fields.get(name, ()), _text(part))
    return fields


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8-sig", "replace") if isinstance(content, bytes) else ""
