"""The little of ASGI that the laptop cloud's own addresses need."""

from collections.abc import Awaitable, Callable
from typing import Any

type Message = dict[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Application = Callable[[Message, Receive, Send], Awaitable[None]]

MAX_BODY_BYTES = 10 * 1024 * 1024


def header_values(scope: Message) -> dict[str, str]:
    """Return the headers in lower case; a repeated one joined as HTTP has it."""
    values: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        separator = "; " if name == "cookie" else ", "
        values[name] = f"{values[name]}{separator}{value}" if name in values else value
    return values


async def read_body(receive: Receive) -> bytes:
    """Return the request's body, or as much of it as API Gateway accepts."""
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
    """Send a whole response; to HEAD, only what is about its body."""
    lines = [(name.lower().encode("latin-1"), value.encode()) for name, value in headers]
    lines.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": b"" if is_head else body})
