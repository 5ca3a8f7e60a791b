"""Defect in ministack 1.5.33: any web page can send requests to the cloud.

It responds with `Access-Control-Allow-Origin: *` and ignores `Host`. A foreign page could
therefore, also through DNS rebinding, create a function here and run code on this machine. AWS
requires a signature. Here, requests from a different origin or with a foreign host name are
rejected; forms submitted by the site's own pages have the site's origin and are accepted.
"""

import re
from functools import cache

from ministack import app as ministack_app

from local.asgi import Application, Message, Receive, Send, respond
from local.emulator.patch_point import patch_point

OWN_HOSTS = re.compile(r"(localhost|127\.0\.0\.1|[a-z0-9.-]+\.localhost)(:\d+)?", re.IGNORECASE)


def is_own_request(headers: dict[bytes, bytes]) -> bool:
    """Return whether a request is for this server and was not sent by a foreign page."""
    host = headers.get(b"host", b"").decode("latin-1")
    origin = headers.get(b"origin", b"").decode("latin-1")
    if not OWN_HOSTS.fullmatch(host):
        return False
    if origin == "null":  # pages with the policy `no-referrer` send this even with their own forms
        return headers.get(b"sec-fetch-site") == b"same-origin"
    return not origin or origin == f"http://{host}"


def guarded(application: Application) -> Application:
    """Return an application that rejects foreign requests."""

    async def guard(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and not is_own_request(dict(scope["headers"])):
            await refuse(scope, send)
        else:
            await application(scope, receive, send)

    return guard


async def refuse(scope: Message, send: Send) -> None:
    """Respond with 403, or close a websocket before it opens."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await respond(send, 403, [("content-type", "text/plain")], b"Foreign origin or host name.\n")


@cache
def apply() -> None:
    """Guard everything that ministack serves."""
    ministack_app.app = guarded(patch_point(ministack_app, "app"))
