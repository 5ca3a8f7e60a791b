"""Parses the body of a form; its size and number of fields are limited before that."""

import base64
import json
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

MAX_BODY_BYTES = 6_000_000  # Lambda accepts no larger request
MAX_FORM_FIELDS = 300
MAX_CONTENT_TYPE_CHARS = 300
FORM_TYPE = "application/x-www-form-urlencoded"
JSON_TYPE = "application/json"
MULTIPART_TYPE = "multipart/form-data"

type Form = dict[str, tuple[str, ...]]


class RequestUnreadable(Exception):
    """A request cannot be read; `status` is the HTTP status that names the reason."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


def parse_form(event: dict[str, Any], content_type: str, *, accepts_files: bool) -> Form:
    """Return a form's fields, with U+FFFD for bytes that are not UTF-8; other bodies have none.

    Raises: RequestUnreadable.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in (FORM_TYPE, MULTIPART_TYPE):
        return {}
    if kind == MULTIPART_TYPE and not accepts_files:
        raise RequestUnreadable(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if len(content_type) > MAX_CONTENT_TYPE_CHARS:
        raise RequestUnreadable(HTTPStatus.BAD_REQUEST)
    try:
        body = _body(event)
        is_multipart = kind == MULTIPART_TYPE
        return _multipart(content_type, body) if is_multipart else _urlencoded(body)
    except ValueError as error:
        raise RequestUnreadable(HTTPStatus.BAD_REQUEST) from error


def parse_json(event: dict[str, Any], content_type: str) -> dict[str, Any]:
    """Return the JSON object in the body, empty for any other. Raises: RequestUnreadable."""
    if content_type.partition(";")[0].strip().lower() != JSON_TYPE:
        return {}
    try:
        content = json.loads(_body(event))
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _body(event: dict[str, Any]) -> bytes:
    """Return the body. Raises: RequestUnreadable or ValueError."""
    body = event.get("body") or ""
    is_encoded = bool(event.get("isBase64Encoded"))
    if len(body) > MAX_BODY_BYTES * (4 / 3 if is_encoded else 1) + 4:
        raise RequestUnreadable(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    content = base64.b64decode(body) if is_encoded else body.encode(errors="replace")
    if len(content) > MAX_BODY_BYTES:
        raise RequestUnreadable(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return content


def _urlencoded(body: bytes) -> Form:
    text = body.decode(errors="replace")
    fields = parse_qs(text, keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
    return {name: tuple(values) for name, values in fields.items()}


def _multipart(content_type: str, body: bytes) -> Form:
    from multipart import MultipartSegment, PushMultipartParser, parse_options_header

    boundary = parse_options_header(content_type)[1].get("boundary", "")
    limits = {"content_length": len(body), "max_segment_count": MAX_FORM_FIELDS}
    fields: dict[str, list[bytearray]] = {}
    with PushMultipartParser(boundary, **limits, strict=True) as parser:
        for event in parser.parse(body):
            if isinstance(event, MultipartSegment):
                content = bytearray()
                fields.setdefault(event.name, []).append(content)
            elif event:
                content += event
    return {name: tuple(map(_text, contents)) for name, contents in fields.items()}


def _text(content: bytearray) -> str:
    return content.decode("utf-8-sig", "replace")
