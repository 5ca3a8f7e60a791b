"""A fake model provider on a loopback port that returns scripted replies in any wire format."""

import json
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Self

from tests.fakes.formats import (
    ModelAnswer,
    ProviderError,
    Reply,
    ScriptedReply,
    chat_completion,
    render_reply,
)
from tests.fakes.loopback import Loopback


@dataclass
class ReceivedRequest:
    """One received HTTP request."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


def completion(
    *calls: tuple[str, Mapping[str, Any] | str],
    content: str | None = None,
    finish: str | None = "default",
    refusal: str | None = None,
    delay_seconds: float = 0.0,
) -> ModelAnswer:
    """Return an answer with tool calls; arguments given as strings are sent as is."""
    return ModelAnswer(calls, content, finish, refusal, delay_seconds)


def success(body: Mapping[str, Any]) -> Reply:
    """Return a reply with status 200 and a chat completion as its body."""
    return Reply(body=json.dumps(chat_completion() | dict(body)).encode())


def failure(
    status: int, code: str | None = None, message: str = "scripted failure"
) -> ProviderError:
    """Return a provider error."""
    return ProviderError(status, code, message)


@dataclass
class ScriptedProvider:
    """Returns its replies in order and repeats the last one; a context manager."""

    replies: Sequence[ScriptedReply]
    requests: list[ReceivedRequest] = field(default_factory=list)
    certificate: Path | None = None

    def __enter__(self) -> Self:
        self._http = Loopback(self, _Handler)
        if self.certificate:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(self.certificate)
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self._http.begin()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.end()

    @property
    def url(self) -> str:
        """The base URL for clients."""
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://{self._http.address}/v1"

    @property
    def calls(self) -> int:
        """The number of HTTP requests received."""
        return len(self.requests)

    def prompt(self, number: int = -1) -> str:
        """Return the text of all messages of a request."""
        return "\n\n".join(
            str(message["content"]) for message in self.requests[number].body["messages"]
        )


class _Handler(BaseHTTPRequestHandler):
    server: Loopback[ScriptedProvider]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        provider = self.server.owner
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        scripted = provider.replies[min(len(provider.requests), len(provider.replies) - 1)]
        reply = render_reply(self.path, scripted)
        headers = {name.lower(): value for name, value in self.headers.items()}
        provider.requests.append(ReceivedRequest(self.path, headers, json.loads(raw or b"{}")))
        time.sleep(reply.delay_seconds)
        try:
            self._send(reply, f"req-{len(provider.requests)}")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _send(self, reply: Reply, request_id: str) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body) + (50 if reply.is_cut else 0)))
        for name in ("x-request-id", "x-amzn-RequestId", "request-id"):
            self.send_header(name, request_id)
        if reply.error_type:
            self.send_header("x-amzn-ErrorType", reply.error_type)
        self.end_headers()
        self.wfile.write(reply.body)
        if reply.is_cut:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Discard the message; `requests` is the log."""
