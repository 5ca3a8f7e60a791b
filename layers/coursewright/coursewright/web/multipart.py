"""Parses multipart forms, which may contain a file."""

from email.message import EmailMessage, Message
from email.parser import BytesParser

MULTIPART_TYPE = "multipart/form-data"


def multipart_fields(
    content_type: str, body: bytes, *, max_fields: int
) -> dict[str, tuple[str, ...]]:
    """Return the text of all fields and files, with U+FFFD for bytes that are not UTF-8.

    Raises: ValueError if there are more than `max_fields` fields.
    """
    from email.policy import HTTP  # loads half of the package, and few forms contain a file

    head = f"content-type: {content_type}\r\n\r\n".encode("ascii", "replace")
    message = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + body)
    fields: dict[str, tuple[str, ...]] = {}
    parts = list(message.iter_parts()) if message.is_multipart() else []
    if len(parts) > max_fields:
        raise ValueError(f"a form of {len(parts)} fields")
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            fields[name] = (*fields.get(name, ()), _text(part))
    return fields


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8-sig", "replace") if isinstance(content, bytes) else ""
