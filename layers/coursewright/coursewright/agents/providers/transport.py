"""One model call over the wire: bounded in size and time, and kept as it came.

A proxy, a certificate authority of one's own (SSL_CERT_FILE, SSL_CERT_DIR) and NO_PROXY are the
environment's to say, except for a provider on this very machine, which no proxy can reach.
"""

import json
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from ipaddress import ip_address
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import certifi

from coursewright.domain.errors import ModelNotUsable

REQUEST_IDS = ("x-request-id", "x-amzn-requestid", "request-id", "x-goog-request-id")
MAX_RESPONSE_BYTES = 4_000_000  # bytes: more than the schemas let in, and little for a function


class ResponseInvalid(Exception):
    """What comes over the wire is of no use, so reading it has ended."""


class ResponseTimeout(ResponseInvalid):
    """The answer is still coming when the time is over."""


@dataclass(frozen=True)
class HttpResponse:
    """One HTTP answer, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body for a person to read."""
        return self.body.decode("utf-8", "replace")

    @cached_property
    def document(self) -> dict[str, Any]:
        """The body as the JSON object that it should be, else an empty one."""
        try:
            content = json.loads(self.body)
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}


class Transport:
    """Watches one client's calls, one after the other; the key is never part of what it shows."""

    def __init__(self, timeout_seconds: float, *, secret: str = "") -> None:
        self.timeout_seconds = timeout_seconds
        self._secret = secret
        self.begin()

    @property
    def document(self) -> dict[str, Any]:
        """The last answer as a JSON object, an empty one where there is none."""
        return self.answer.document if self.answer else {}

    @property
    def said(self) -> str:
        """The last answer for a person to read."""
        text = self.answer.text if self.answer else ""
        return text.replace(self._secret, "…") if self._secret else text

    @property
    def request_id(self) -> str:
        """The provider's name for the last call, for a question to its support."""
        headers = self.answer.headers if self.answer else {}
        return next((headers[name] for name in REQUEST_IDS if name in headers), "")

    def begin(self) -> None:
        """Forget the last call: another one begins."""
        self.is_sent = False
        self.answer: HttpResponse | None = None
        self.broken: ResponseInvalid | None = None
        self._ends_at = monotonic() + self.timeout_seconds

    def httpx_arguments(self, base_url: str) -> dict[str, Any]:
        """Return what makes an httpx client of any version call through this wire."""
        return {
            "verify": tls_context(
                os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", "")
            ),
            "trust_env": not is_loopback(base_url),
            "follow_redirects": False,  # a key goes to the registered address and nowhere else
            "event_hooks": {"request": [self.on_request], "response": [self.on_response]},
        }

    def on_request(self, request: Any) -> None:
        """Note that a request leaves."""
        self.is_sent = True

    def on_response(self, response: Any) -> None:
        """Read an httpx response to its end, within the bounds."""
        chunks, size = [], 0
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            size += len(chunk)
            self._check(size)
        # Where httpx itself keeps a body that was read; it has no public door for a bounded one.
        response._content = b"".join(chunks)
        self.keep(response.status_code, response.headers, response._content)

    def keep(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Keep a whole answer. Raises: WireBroken for one that is too large or no text."""
        self._check(len(body))
        lower = {str(name).lower(): str(value) for name, value in headers.items()}
        self.answer = HttpResponse(status, lower, body)
        try:
            body.decode()
        except UnicodeDecodeError as error:
            self._break(ResponseInvalid(f"the answer is not UTF-8 text (byte {error.start})"))

    def _check(self, size: int) -> None:
        if size > MAX_RESPONSE_BYTES:
            megabytes = MAX_RESPONSE_BYTES // 1_000_000
            self._break(ResponseInvalid(f"the answer is larger than {megabytes} MB"))
        if monotonic() > self._ends_at:
            self._break(ResponseTimeout("the answer was not complete in time"))

    def _break(self, broken: ResponseInvalid) -> None:
        self.broken = broken
        raise broken


def is_loopback(url: str) -> bool:
    """Return whether an address is on this machine, where no proxy stands in between."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@cache
def tls_context(authorities_file: str, authorities_folder: str) -> ssl.SSLContext:
    """Return the trusted certificate authorities, cached because reading them is slow."""
    file = authorities_file or (None if authorities_folder else certifi.where())
    try:
        return ssl.create_default_context(cafile=file, capath=authorities_folder or None)
    except OSError as error:
        place = authorities_file or authorities_folder
        raise ModelNotUsable(
            f"no certificate authorities can be read from {place}, which SSL_CERT_FILE or "
            f"SSL_CERT_DIR names: {error}"
        ) from error
