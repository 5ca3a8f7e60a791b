"""Serves the practice models on 127.0.0.1 through OpenAI's chat completions API."""

import hashlib
import json
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from local.browser_guard import is_own_request
from local.practice.authors import LATENCY_SECONDS, answer
from local.practice.content import Part
from local.practice.errors import RequestRefused
from local.practice.request import ChatRequest, parse_part_request, parse_request
from local.practice.usage import PrefixCache, usage

BANNER = (
    "Practice models: three authors whose work was written by hand for the sample lessons. "
    "They are not language models."
)
OWNER = "coursewright practice models (not language models)"


@dataclass(frozen=True)
class Call:
    """One completion request and its outcome."""

    model: str
    tool: str
    when: datetime
    status: int
    prompt_sha256: str


@dataclass(frozen=True)
class Outage:
    """A simulated outage of one model, for one tool or all."""

    status: HTTPStatus
    tool: str | None


class PracticeServer:
    """Serves the practice models on a port of 127.0.0.1; a context manager."""

    def __init__(self, port: int = 0, *, latency_factor: float = 1.0) -> None:
        self.calls: list[Call] = []
        self._latency_factor = latency_factor
        self._outages: dict[str, Outage] = {}
        self._prefixes = PrefixCache()
        self._stopping = threading.Event()
        self._http = _Http(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """The base URL for clients."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def start(self) -> Self:
        """Start serving."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and release the port."""
        self._stopping.set()
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start_outage(self, model: str, status: int = 503, tool: str | None = None) -> None:
        """Make the model respond with this status, for one tool or all, to simulate an outage."""
        self._outages[model] = Outage(HTTPStatus(status), tool)

    def end_outages(self) -> None:
        """End all simulated outages."""
        self._outages.clear()

    def complete(self, body: object) -> dict[str, object]:
        """Answer a completion request and record the call.

        Raises: RequestRefused.
        """
        request, status = None, HTTPStatus.OK
        try:
            request = parse_request(body)
            return self._completion(request)
        except RequestRefused as refusal:
            status = refusal.status
            raise
        finally:
            self.calls.append(_build_call(request, status))

    def _completion(self, request: ChatRequest) -> dict[str, object]:
        if request.model not in LATENCY_SECONDS:
            raise RequestRefused(
                f"the model {request.model!r} does not exist; the practice models are "
                f"{', '.join(LATENCY_SECONDS)}",
                status=HTTPStatus.NOT_FOUND,
                code="model_not_found",
            )
        self._require_no_outage(request)
        part_request = parse_part_request(request)
        work = answer(request.model, part_request)
        is_text = part_request.part is Part.HINT
        arguments = str(work["hint"]) if is_text else json.dumps(work, ensure_ascii=False)
        self._stopping.wait(LATENCY_SECONDS[request.model] * self._latency_factor)
        prompt = json.dumps([tool.model_dump() for tool in request.tools]) + request.prompt
        cached = self._prefixes.cached_tokens(request.model, prompt)
        used = usage(prompt, arguments, cached_tokens=cached)
        tool = part_request.tool if request.tools else ""
        return _completion_body(request.model, tool, arguments, used)

    def _require_no_outage(self, request: ChatRequest) -> None:
        outage = self._outages.get(request.model)
        if outage and outage.tool in (None, request.tool_name):
            raise RequestRefused(
                f"simulated outage of {request.model}, a practice model",
                status=outage.status,
                code="simulated_outage",
            )


def _build_call(request: ChatRequest | None, status: HTTPStatus) -> Call:
    now = datetime.now(UTC)
    if request is None:
        return Call("", "", now, status, "")
    prompt = hashlib.sha256(f"{request.model}\n{request.prompt}".encode()).hexdigest()
    return Call(request.model, request.tool_name, now, status, prompt)


def models_body() -> dict[str, object]:
    """Return the practice models as a list in OpenAI's format."""
    return {
        "object": "list",
        "data": [
            {"id": model, "object": "model", "created": 0, "owned_by": OWNER}
            for model in LATENCY_SECONDS
        ],
    }


def _completion_body(
    model: str, tool: str, arguments: str, used: dict[str, object]
) -> dict[str, object]:
    message: dict[str, object] = {"role": "assistant", "content": None, "refusal": None}
    message |= {"tool_calls": [_tool_call(tool, arguments)]} if tool else {"content": arguments}
    finish_reason = "tool_calls" if tool else "stop"
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason}
    return {
        "id": f"chatcmpl-practice-{uuid.uuid4().hex[:24]}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [choice],
        "usage": used,
        "system_fingerprint": "practice",
    }


def _tool_call(tool: str, arguments: str) -> dict[str, object]:
    return {
        "id": f"call_{uuid.uuid4().hex[:24]}",
        "type": "function",
        "function": {"name": tool, "arguments": arguments},
    }


FOREIGN = RequestRefused(
    "the request comes from a foreign web page", status=HTTPStatus.FORBIDDEN, code="foreign_request"
)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = (
        128  # pending connections; a client that does not fit in retries after a second
    )

    def __init__(self, address: tuple[str, int], practice: PracticeServer) -> None:
        self.practice = practice
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"
    server_version = "PracticeModels"
    disable_nagle_algorithm = True

    def parse_request(self) -> bool:
        """Parse the request; refuse one that a foreign web page sent."""
        if not super().parse_request():
            return False
        headers = {name.lower(): ",".join(self.headers.get_all(name, [])) for name in self.headers}
        if not is_own_request(headers):
            self.close_connection = True  # the body has not been read
            self._send_error(FOREIGN)
            return False
        return True

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            self._send(HTTPStatus.OK, models_body())
        else:
            self._send_error(_unknown_path(self.path))

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            if self.path != "/v1/chat/completions":
                raise _unknown_path(self.path)
            self._send(HTTPStatus.OK, self.server.practice.complete(_parse(raw)))
        except RequestRefused as refusal:
            self._send_error(refusal)

    def log_message(self, format: str, *args: Any) -> None:
        """Discard the message; `PracticeServer.calls` is the log."""

    def _send_error(self, refusal: RequestRefused) -> None:
        self._send(refusal.status, refusal.as_body())

    def _send(self, status: HTTPStatus, body: dict[str, object]) -> None:
        content = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("x-request-id", f"practice-{uuid.uuid4().hex[:16]}")
        self.end_headers()
        self.wfile.write(content)


def _parse(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except ValueError as error:
        raise RequestRefused(
            "the request body is not valid JSON", status=HTTPStatus.BAD_REQUEST, code="invalid_json"
        ) from error


def _unknown_path(path: str) -> RequestRefused:
    return RequestRefused(f"unknown path {path}", status=HTTPStatus.NOT_FOUND, code="unknown_url")
