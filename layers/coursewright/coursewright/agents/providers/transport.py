"""Limits the size and duration of one model call and records the HTTP response as received.

Proxies, NO_PROXY and a private certificate authority (SSL_CERT_FILE, SSL_CERT_DIR) come from the
environment, except for a provider on the loopback interface, which no proxy can reach.
"""

import json
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from time import monotonic
from typing import Any

import certifi

from coursewright.agents.endpoints import is_loopback
from coursewright.domain.errors import ModelNotUsable

REQUEST_ID_HEADERS = ("x-request-id", "x-amzn-requestid", "request-id", "x-goog-request-id")
MAX_RESPONSE_BYTES = 4_000_000  # far above what the schemas accept, yet small for a function


class ResponseInvalid(Exception):
    """The response body is unusable, so reading it was stopped."""


class ResponseTimeout(ResponseInvalid):
    """The response was still arriving when the time limit was reached."""


@dataclass(frozen=True)
class HttpResponse:
    """A complete HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text; undecodable bytes are replaced."""
        return self.body.decode("utf-8", "replace")

    @cached_property
    def document(self) -> dict[str, Any]:
        """The body as a JSON object; empty if it is anything else."""
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}


class Transport:
    """Observes one client's sequential HTTP calls.

    The key is redacted in responses before the client or anything else reads them.
    """

    def __init__(self, timeout_seconds: float, *, secret: str = "") -> None:
        self.timeout_seconds = timeout_seconds
        self._secret = secret
        self.begin_call()

    @property
    def document(self) -> dict[str, Any]:
        """The last response as a JSON object; empty if there is none."""
        return self.response.document if self.response else {}

    @property
    def response_text(self) -> str:
        """The last response as text."""
        return self.response.text if self.response else ""

    @property
    def request_id(self) -> str:
        """The provider's id for the last call, to quote in support requests."""
        headers = self.response.headers if self.response else {}
        return next((headers[name] for name in REQUEST_ID_HEADERS if name in headers), "")

    def redact(self, text: str) -> str:
        """Redact the key in a text."""
        return text.replace(self._secret, "…") if self._secret else text

    def _redact_bytes(self, body: bytes) -> bytes:
        key = self._secret.encode()
        return body.replace(key, "…".encode()) if key else body

    def begin_call(self) -> None:
        """Discard the previous call and start the next call's time limit."""
        self.is_sent = False
        self.response: HttpResponse | None = None
        self.failure: ResponseInvalid | None = None
        self._deadline = monotonic() + self.timeout_seconds

    def httpx_arguments(self, base_url: str) -> dict[str, Any]:
        """Return the arguments that make any version of httpx's client use this transport."""
        return {
            "verify": tls_context(
                os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", "")
            ),
            "trust_env": not is_loopback(base_url),
            "follow_redirects": False,  # the key must reach only the registered address
            "event_hooks": {"request": [self.on_request], "response": [self.on_response]},
        }

    def on_request(self, request: Any) -> None:
        """Record that a request was sent."""
        self.is_sent = True

    def on_response(self, response: Any) -> None:
        """Read the response body, enforcing the size and time limits.

        A copy of the response decodes the body; the response itself then reads the decoded body.
        """
        status, headers, kind = response.status_code, response.headers, type(response)
        body = self._read_body(kind(status, headers=headers, stream=response.stream))
        headers.pop("content-encoding", None)
        response.stream = kind(status, content=body).stream
        response.read()
        self.store_response(status, headers, body)

    def _read_body(self, response: Any) -> bytes:
        chunks, size = [], 0
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            size += len(chunk)
            self._enforce_limits(size)
        return self._redact_bytes(b"".join(chunks))

    def store_response(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Store a complete response. Raises: ResponseInvalid if it is too large or not UTF-8."""
        self._enforce_limits(len(body))
        lower = {str(name).lower(): self.redact(str(value)) for name, value in headers.items()}
        self.response = HttpResponse(status, lower, body)
        try:
            body.decode()
        except UnicodeDecodeError as error:
            self._fail(ResponseInvalid(f"the response is not UTF-8 text (byte {error.start})"))

    def _enforce_limits(self, size: int) -> None:
        if size > MAX_RESPONSE_BYTES:
            megabytes = MAX_RESPONSE_BYTES // 1_000_000
            self._fail(ResponseInvalid(f"the response is larger than {megabytes} MB"))
        if monotonic() > self._deadline:
            self._fail(ResponseTimeout("the response was not complete in time"))

    def _fail(self, failure: ResponseInvalid) -> None:
        self.failure = failure
        raise failure


@cache
def tls_context(authorities_file: str, authorities_folder: str) -> ssl.SSLContext:
    """Return the TLS context with the trusted authorities; cached because loading them is slow.

    Raises: ModelNotUsable if the configured authorities cannot be read.
    """
    file = authorities_file or (None if authorities_folder else certifi.where())
    try:
        return ssl.create_default_context(cafile=file, capath=authorities_folder or None)
    except OSError as error:
        path = authorities_file or authorities_folder
        raise ModelNotUsable(
            f"cannot read certificate authorities from {path}, which is set by SSL_CERT_FILE or "
            f"SSL_CERT_DIR: {error}"
        ) from error
