"""A model provider on a loopback port that answers what a test has scripted."""

import json
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 64},
}


@dataclass(frozen=True)
class Reply:
    """One HTTP answer."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    delay_seconds: float = 0.0
    is_cut: bool = False


@dataclass
class Seen:
    """One HTTP request."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


def completion(
    *calls: tuple[str, Mapping[str, Any] | str],
    content: str | None = None,
    finish: str | None = "default",
    refusal: str | None = None,
) -> Reply:
    """Answer with tool calls; arguments as text are sent as they are."""
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": refusal}
    if calls:
        message["tool_calls"] = [_call(name, arguments) for name, arguments in calls]
    usual = "tool_calls" if calls else "stop"
    choice = {
        "index": 0,
        "message": message,
        "finish_reason": usual if finish == "default" else finish,
        "logprobs": None,
    }
    return success({"choices": [choice]})


def success(body: Mapping[str, Any]) -> Reply:
    """Answer with status 200 and a body in the form of a completion."""
    whole = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "usage": USAGE,
    }
    return Reply(body=json.dumps(whole | dict(body)).encode())


def failure(status: int, code: str | None = None, message: str = "scripted failure") -> Reply:
    """Answer with an error of the provider."""
    error = {"message": message, "type": "scripted", "code": code, "param": None}
    return Reply(status=status, body=json.dumps({"error": error}).encode())


@dataclass
class ScriptedProvider:
    """Gives its replies in order, the last one for ever; a context manager."""

    replies: Sequence[Reply]
    seen: list[Seen] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._http = _Http(("127.0.0.1", 0), self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def url(self) -> str:
        """Give the base URL for a client."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def calls(self) -> int:
        """Count the HTTP calls."""
        return len(self.seen)

    def prompt(self, number: int = -1) -> str:
        """Give the text of all messages of a call."""
        return "\n\n".join(str(one["content"]) for one in self.seen[number].body["messages"])


def _call(name: str, arguments: Mapping[str, Any] | str) -> dict[str, Any]:
    sent = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {
        "id": f"call_{uuid.uuid4().hex[:8]}",
        "type": "function",
        "function": {"name": name, "arguments": sent},
    }


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], provider: ScriptedProvider) -> None:
        self.provider = provider
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        provider = self.server.provider
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reply = provider.replies[min(len(provider.seen), len(provider.replies) - 1)]
        headers = {name.lower(): value for name, value in self.headers.items()}
        provider.seen.append(Seen(self.path, headers, json.loads(raw or b"{}")))
        time.sleep(reply.delay_seconds)
        try:
            self._send(reply, f"req-{len(provider.seen)}")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _send(self, reply: Reply, request_id: str) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body) + (50 if reply.is_cut else 0)))
        self.send_header("x-request-id", request_id)
        self.end_headers()
        self.wfile.write(reply.body)
        if reply.is_cut:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: `seen` is the log."""
