"""Rejects requests that a foreign web page sends to a server on this machine.

Every web page that a developer opens can send requests to the loopback interface. Browsers name the
sender in `Origin` and `Sec-Fetch-Site`; `Host` reveals DNS rebinding. Other programs send neither
of the first two and are accepted. Navigations are accepted where links lead from one port to
another, as from an email to its review: a page cannot read what it navigates to.
"""

import re
from collections.abc import Mapping

from local.asgi import Application, Message, Receive, Send, header_values, respond

OWN_HOSTS = re.compile(r"(localhost|127\.0\.0\.1|[a-z0-9.-]+\.localhost)(:\d+)?", re.IGNORECASE)
OWN_FETCHES = ("same-origin", "none")
FOREIGN = b"This request comes from a foreign web page or names a foreign host.\n"
PLAIN_TEXT = [
    ("content-type", "text/plain; charset=utf-8"),
    ("cross-origin-resource-policy", "same-origin"),
]


def has_own_address(headers: Mapping[str, str]) -> bool:
    """Return whether `Host` is this machine and `Origin`, if present, is this server."""
    host, origin = headers.get("host", ""), headers.get("origin", "")
    if not OWN_HOSTS.fullmatch(host):
        return False
    if origin == "null":  # pages with the policy `no-referrer` send this even with their own forms
        return headers.get("sec-fetch-site") == "same-origin"
    return not origin or origin == f"http://{host}"


def is_own_fetch(headers: Mapping[str, str]) -> bool:
    """Return whether a program, the server's own page or the browser's user sent the request."""
    return headers.get("sec-fetch-site", "none") in OWN_FETCHES


def is_own_request(headers: Mapping[str, str]) -> bool:
    """Return whether a request, by its lower-case headers, was not sent by a foreign page."""
    return has_own_address(headers) and is_own_fetch(headers)


def is_navigation(method: str, headers: Mapping[str, str]) -> bool:
    """Return whether a browser requests a page for a whole tab."""
    return (
        method in ("GET", "HEAD")
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
    )


def guarded(application: Application) -> Application:
    """Return an application that accepts its own requests and navigations, and no WebSockets."""

    async def guard(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or _is_accepted(scope):
            await application(scope, receive, send)
        else:
            await refuse(scope, send)

    return guard


def _is_accepted(scope: Message) -> bool:
    headers = header_values(scope)
    if scope["type"] != "http" or not has_own_address(headers):
        return False
    return is_own_fetch(headers) or is_navigation(scope["method"], headers)


async def refuse(scope: Message, send: Send) -> None:
    """Respond with 403, or close a WebSocket before it opens."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await respond(send, 403, PLAIN_TEXT, FOREIGN)
