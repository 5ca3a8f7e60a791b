"""Defect in ministack 1.5.33: any web page can send requests to the AWS APIs.

It accepts every host, origin and method, so that an image's address could create a function here
and run code on this machine. AWS requires a signature, and so does this gateway. It also rejects
what browsers send for a web page, with one exception: authoring pages on another port link to
exports with a presigned URL. `GET /` without a signature shows what this port is.
"""

import json
from functools import cache
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from ministack import app as ministack_app
from ministack.core.sigv4 import decode_header_value

from local.asgi import Application, Message, Receive, Send, respond
from local.browser_guard import has_own_address, is_navigation, is_own_fetch, refuse
from local.emulator.patch_point import patch_point
from local.emulator.request_signatures import Request, RequestUnsigned, require_signature

WELCOME = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Coursewright</title>
<h1>The AWS APIs of Coursewright's laptop cloud</h1>
<p>This port serves programs, not browsers. Every request must be signed with the access key of this
run, as <code>python -m local</code> does. <code>make up</code> prints the addresses of the pages.
</p></html>
"""
HTML = [
    ("content-type", "text/html; charset=utf-8"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("cross-origin-resource-policy", "same-origin"),
]
XML_ERROR = """<ErrorResponse><Error><Code>{code}</Code><Message>{reason}</Message></Error>
</ErrorResponse>
"""


def read_request(scope: Message) -> Request:
    """Return a request with its headers joined as Signature Version 4 joins them."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), decode_header_value(raw_value)
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return Request(scope["method"], scope["raw_path"].decode("latin-1"), query, headers)


def is_welcome(request: Request) -> bool:
    """Return whether a request asks what this port is."""
    is_bare = not request.query and not request.has_signed_header
    return request.method == "GET" and request.raw_path == "/" and is_bare


def is_from_here(request: Request) -> bool:
    """Return whether no foreign page sent the request, except as a link to a presigned URL."""
    if is_own_fetch(request.headers):
        return True
    is_link = request.is_presigned and is_navigation(request.method, request.headers)
    return is_link and request.headers["sec-fetch-site"] == "same-site"


async def read_all(receive: Receive) -> bytes:
    """Return the whole request body."""
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a function that receives the body again, and then what follows it."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return pending.pop() if pending else await receive()

    return receive_again


def signed(application: Application) -> Application:
    """Return an application that serves signed requests only."""

    async def gateway(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await application(scope, receive, send)
            return
        request = read_request(scope) if scope["type"] == "http" else None
        if request is None or not has_own_address(request.headers):
            await refuse(scope, send)
        elif is_welcome(request):
            await respond(send, 200, HTML, WELCOME)
        elif not is_from_here(request):
            await refuse(scope, send)
        else:
            await _serve(application, request, scope, (receive, send))

    return gateway


async def _serve(
    application: Application, request: Request, scope: Message, channel: tuple[Receive, Send]
) -> None:
    receive, send = channel
    body = await read_all(receive)
    try:
        require_signature(request, body)
    except RequestUnsigned as error:
        await respond(send, 403, *_refusal(request, str(error)))
        return
    await application(scope, replay(body, receive), send)


def _refusal(request: Request, reason: str) -> tuple[list[tuple[str, str]], bytes]:
    """Return the headers and body that AWS's clients read as an error."""
    code = "SignatureDoesNotMatch"
    headers = [("x-amzn-errortype", code)]
    if "x-amz-target" in request.headers:
        return headers, json.dumps({"__type": code, "message": reason}).encode()
    return headers, XML_ERROR.format(code=code, reason=escape(reason)).encode()


@cache
def apply() -> None:
    """Require signatures for everything that ministack serves."""
    ministack_app.app = signed(patch_point(ministack_app, "app"))
