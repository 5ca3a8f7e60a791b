"""Responses are read only within the size and time limits."""

import gzip
from collections.abc import Iterator

import httpx2
import pytest

from coursewright.agents.endpoints import is_loopback
from coursewright.agents.providers import transport as transport_module
from coursewright.agents.providers.transport import (
    ResponseInvalid,
    ResponseTimeout,
    Transport,
)


def response_of(chunks: Iterator[bytes], **headers: str) -> httpx2.Response:
    return httpx2.Response(200, headers={"X-Request-Id": "req-7"} | headers, content=chunks)


def test_a_complete_response_is_recorded_without_the_key() -> None:
    transport = Transport(10, secret="sk-secret")

    response = response_of(iter([b'{"text": ', b'"sk-secret"}']))

    transport.on_response(response)

    assert (transport.response_text, transport.request_id) == ('{"text": "…"}', "req-7")
    assert response.json() == {"text": "…"}, "the client does not read the key either"


def test_a_key_in_a_header_is_redacted() -> None:
    transport = Transport(10, secret="sk-secret")

    transport.on_response(response_of(iter([b"{}"]), **{"X-Request-Id": "sk-secret"}))

    assert transport.request_id == "…"


def test_a_compressed_response_is_decoded_once() -> None:
    transport = Transport(10)
    packed = gzip.compress(b'{"text": "packed"}')
    response = response_of(iter([packed[:10], packed[10:]]), **{"content-encoding": "gzip"})

    transport.on_response(response)

    assert transport.document == response.json() == {"text": "packed"}


def test_the_size_is_limited_after_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "MAX_RESPONSE_BYTES", 1_000_000)
    packed = gzip.compress(b"x" * 2_000_000)

    with pytest.raises(ResponseInvalid, match="larger than 1 MB"):
        Transport(10).on_response(response_of(iter([packed]), **{"content-encoding": "gzip"}))


def test_reading_stops_when_a_response_grows_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "MAX_RESPONSE_BYTES", 1_000_000)
    transport = Transport(10)

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 600_000

    with pytest.raises(ResponseInvalid, match="larger than 1 MB"):
        transport.on_response(response_of(endless()))

    assert transport.response is None


def test_a_response_that_arrives_too_slowly_is_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(transport_module, "monotonic", lambda: now[0])
    transport = Transport(10)

    def trickling() -> Iterator[bytes]:
        while True:
            now[0] += 4
            yield b" "

    with pytest.raises(ResponseTimeout, match="not complete in time"):
        transport.on_response(response_of(trickling()))


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
