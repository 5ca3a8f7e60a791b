"""An HTTP transport for servers that may be slow or send more than expected."""

import time
from collections.abc import Callable, Iterable

import httpx2

MAX_RESPONSE_BYTES = 256_000
CONNECT_SECONDS = 3.0
MAX_SECONDS = 8.0  # per request, however slowly the response arrives
TIMEOUT = httpx2.Timeout(MAX_SECONDS, connect=CONNECT_SECONDS)


class BoundedTransport(httpx2.BaseTransport):
    """Limits the size and duration of responses; exceeding a limit is a transport error.

    Its connections outlive the clients that use it, so it has no `close`.
    """

    def __init__(
        self,
        inner: httpx2.BaseTransport | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner or httpx2.HTTPTransport()
        self._clock = clock

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and read the whole response."""
        deadline = self._clock() + MAX_SECONDS
        request.headers["accept-encoding"] = "identity"  # compressed content could have any size
        response = self._inner.handle_request(request)
        try:
            content = self._read(request, response, deadline)
        finally:
            response.close()
        return httpx2.Response(response.status_code, headers=response.headers, content=content)

    def _read(self, request: httpx2.Request, response: httpx2.Response, deadline: float) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise httpx2.ReadError("an encoded response", request=request)
        content = bytearray()
        for chunk in _chunks(response):
            content += chunk
            if len(content) > MAX_RESPONSE_BYTES:
                raise httpx2.ReadError("a response that is too large", request=request)
            if self._clock() > deadline:
                raise httpx2.ReadTimeout("a response that is too slow", request=request)
        return bytes(content)


def _chunks(response: httpx2.Response) -> Iterable[bytes]:
    assert isinstance(response.stream, httpx2.SyncByteStream)
    return response.stream
