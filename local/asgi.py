"""A minimal ASGI toolkit for the sites that the laptop cloud serves itself."""

from collections.abc import Awaitable, Callable
from typing import Any

type Message = dict[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Message, Receive, Send], Awaitable[None]]

MAX_BODY_BYTES = 10 * 1024 * 1024


def header_values(scope: Message) -> dict[str, str]:
    """Return the headers by lower-case name, joining repeated ones as HTTP specifies."""
    values: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        separator = "; " if name == "cookie" else ", "
        values[name] = f"{values[name]}{separator}{value}" if name in values else value
    return values


async def read_body(receive: Receive) -> bytes:
    """Return the request body, truncated just above API Gateway's size limit."""
    body = b""
    while len(body) <= MAX_BODY_BYTES:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return body


async def respond(
    send: Send,
    status: int,
    headers: list[tuple[str, str]],
    body: bytes,
    *,
    is_head: bool = False,
) -> None:
    """Send a complete response, omitting the body for HEAD requests."""
    lines = [(name.lower().encode("latin-1"), value.encode()) for name, value in headers]
    lines.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": b"" if is_head else body})
