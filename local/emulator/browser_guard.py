"""Defect of ministack 1.5.33: any web page may command the cloud of whoever opens it.

It answers `Access-Control-Allow-Origin: *` and never looks at `Host`, so a foreign page, also one
that rebinds its name to 127.0.0.1, could create a function here and run code on this machine. AWS
demands a signature. Here a request from another origin, or under a foreign host name, is refused;
a form that a page of this very site sends comes from this origin and passes.
"""

import re
from functools import cache

from ministack import app as ministack_app

from local.asgi import Application, Message, Receive, Send, respond
from local.emulator.patch_point import patch_point

OWN_HOSTS = re.compile(r"(localhost|127\.0\.0\.1|[a-z0-9.-]+\.localhost)(:\d+)?", re.IGNORECASE)


def is_own_request(headers: dict[bytes, bytes]) -> bool:
    """Return whether a request was meant for this server and not sent by a foreign page."""
    host = headers.get(b"host", b"").decode("latin-1")
    origin = headers.get(b"origin", b"").decode("latin-1")
    if not OWN_HOSTS.fullmatch(host):
        return False
    if origin == "null":  # what a page under `no-referrer` sends, also with its own form
        return headers.get(b"sec-fetch-site") == b"same-origin"
    return not origin or origin == f"http://{host}"


def guarded(application: Application) -> Application:
    """Return the application behind the guard."""

    async def guard(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and not is_own_request(dict(scope["headers"])):
            await refuse(scope, send)
        else:
            await application(scope, receive, send)

    return guard


async def refuse(scope: Message, send: Send) -> None:
    """Answer 403, or close a socket that was about to open."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await respond(send, 403, [("content-type", "text/plain")], b"Foreign origin or host name.\n")


@cache
def apply() -> None:
    """Put the guard before everything that ministack serves."""
    ministack_app.app = guarded(patch_point(ministack_app, "app"))
