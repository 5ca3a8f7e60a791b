"""A response is read only within the size and time limits."""

from collections.abc import Iterator

import pytest

from coursewright.agents.providers import transport as transport_module
from coursewright.agents.providers.transport import (
    ResponseInvalid,
    ResponseTimeout,
    Transport,
    is_loopback,
)


class ChunkedResponse:
    """An HTTP response that arrives in chunks."""

    status_code = 200

    def __init__(self, *chunks: bytes) -> None:
        self.headers = {"X-Request-Id": "req-7"}
        self._chunks = chunks

    def iter_bytes(self) -> Iterator[bytes]:
        yield from self._chunks


def test_a_complete_response_is_recorded_without_the_key() -> None:
    transport = Transport(10, secret="sk-secret")

    transport.on_response(ChunkedResponse(b'{"text": ', b'"sk-secret"}'))

    assert (transport.response_text, transport.request_id) == ('{"text": "…"}', "req-7")


def test_reading_stops_when_a_response_grows_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "MAX_RESPONSE_BYTES", 1_000_000)
    transport = Transport(10)

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 600_000

    response = ChunkedResponse()
    monkeypatch.setattr(response, "iter_bytes", endless)

    with pytest.raises(ResponseInvalid, match="larger than 1 MB"):
        transport.on_response(response)

    assert transport.response is None


def test_a_response_that_arrives_too_slowly_is_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(transport_module, "monotonic", lambda: now[0])
    transport = Transport(10)

    def trickling() -> Iterator[bytes]:
        while True:
            now[0] += 4
            yield b" "

    response = ChunkedResponse()
    monkeypatch.setattr(response, "iter_bytes", trickling)

    with pytest.raises(ResponseTimeout, match="not complete in time"):
        transport.on_response(response)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://127.8.8.8/v1", True),
        ("http://localhost:8000/v1", True),
        ("https://[::1]:8000", True),
        ("https://api.openai.com/v1", False),
        ("http://127.0.0.1.example.com/v1", False),
        ("http://10.0.0.1/v1", False),
        ("", False),
    ],
)
def test_loopback_addresses_are_recognised(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected
