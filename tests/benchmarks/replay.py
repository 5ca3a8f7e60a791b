"""Replays recorded responses from AWS and the models on a loopback port."""

from http.server import BaseHTTPRequestHandler
from typing import Any, Self

from tests.benchmarks.recorder import Exchange, Recorded, Recording, asked
from tests.fakes.loopback import Loopback

MODELS_PATHS = ("/chat/completions", "/converse", "/messages", "enerateContent")
CHAT_PATH = "/services/"


class Replay:
    """A server that replays one recorded invocation after another; a context manager."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._http = _Http(self, _Handler)
        self.surprises: list[str] = []

    def __enter__(self) -> Self:
        self._http.begin()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.end()

    @property
    def url(self) -> str:
        """The address that replaces AWS and the models."""
        return f"http://{self._http.address}"

    @property
    def environment(self) -> dict[str, str]:
        """The recorded functions' environment, with this server as the AWS endpoint."""
        return self.recording.environment | {"AWS_ENDPOINT_URL": self.url}

    def begin(self, run: Recorded) -> None:
        """Replay this invocation from now on."""
        self.surprises.clear()
        self._exchanges = list(run.exchanges)
        self._answered: dict[str, Exchange | None] = {}
        self._model_answers = list(run.model_answers)

    def answer(self, method: str, path: str, headers: Any) -> Exchange | bytes | None:
        """Return the recorded response to a request, or None."""
        if any(path.partition("?")[0].endswith(ending) for ending in MODELS_PATHS):
            return self._model_answers.pop(0).encode() if self._model_answers else None
        if path.startswith(CHAT_PATH):
            return b"{}"
        attempts_of = headers.get("amz-sdk-invocation-id", "")
        if attempts_of not in self._answered:
            self._answered[attempts_of] = self._next(asked(method, path, headers))
        # A retry after a client time-out gets the same response, not the next one.
        return self._answered[attempts_of] if attempts_of else self._answered.pop("")

    def _next(self, question: str) -> Exchange | None:
        for position, exchange in enumerate(self._exchanges):
            if exchange.asked == question:
                return self._exchanges.pop(position)
        self.surprises.append(question)
        return None

    def relocated(self, content: bytes) -> bytes:
        """Replace the recorded providers' addresses with this server's."""
        for provider in self.recording.providers:
            content = content.replace(provider.encode(), self.url.encode())
        return content


class _Http(Loopback[Replay]):
    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore broken connections from function processes that have exited."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _reply(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = self.server.owner.answer(self.command, self.path, self.headers)
        if isinstance(found, Exchange):
            self._send(found.status, found.headers, self.server.owner.relocated(found.content))
        elif found is None:
            self._send(501, {"content-type": "text/plain"}, b"not in the recording")
        else:
            self._send(200, {"content-type": "application/json"}, found)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _reply

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Discard the message."""
