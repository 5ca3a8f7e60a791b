"""Defect in ministack 1.5.33: HTTP APIs are not served at the root of an address.

They are served below a path prefix, or under a host name that most machines cannot resolve. On AWS
each is served at the root of its own host, which cookies, redirects and emailed links rely on. This
module provides an application for such an address; it patches nothing, so it has no `apply`.
"""

import base64
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from ministack.core.responses import _request_account_id, _request_region
from ministack.services import apigateway

from local.asgi import Application, Message, Receive, Send, header_values, read_body, respond
from local.emulator.http_api_routes import AUTHORING, find_api
from local.emulator.settings import ACCOUNT, REGION

NOTHING_DEPLOYED = b"Nothing is deployed yet.\n"


def authoring_api() -> str | None:
    """Return the id of the authoring pages' HTTP API."""
    return find_api(AUTHORING)


def deployed_api() -> str | None:
    """Return the id of the latest HTTP API that does not serve the authoring pages."""
    candidates = [api for api in apigateway._apis if api != authoring_api()]
    return candidates[-1] if candidates else None


def create_site(current_api: Callable[[], str | None]) -> Application:
    """Return an application that serves an HTTP API at the root of an address."""

    async def site(scope: Message, receive: Receive, send: Send) -> None:
        _request_account_id.set(ACCOUNT)
        _request_region.set(REGION)
        api = current_api()
        if api is None:
            await respond(send, 503, [("content-type", "text/plain")], NOTHING_DEPLOYED)
        else:
            await _respond(api, scope, receive, send)

    return site


async def _respond(api: str, scope: Message, receive: Receive, send: Send) -> None:
    query = scope["query_string"].decode()
    status, headers, body = await apigateway.handle_execute(
        api,
        "$default",
        apigateway.decode_http_api_path(scope["raw_path"].decode("ascii")),
        scope["method"],
        header_values(scope),
        await read_body(receive),
        parse_qs(query, keep_blank_values=True),
        raw_query_string=query,
    )
    lines = [*_lines(headers), ("apigw-requestid", base64.b64encode(os.urandom(11)).decode())]
    await respond(send, status, lines, body, is_head=scope["method"] == "HEAD")


def _lines(headers: dict[str, Any]) -> list[tuple[str, str]]:
    """Return one header line per value, because every cookie needs a separate line."""
    return [
        (name, str(value))
        for name, values in headers.items()
        for value in (values if isinstance(values, list | tuple) else [values])
    ]
