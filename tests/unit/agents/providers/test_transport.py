"""An answer is read to its end only within the bounds of size and time."""

from collections.abc import Iterator

import pytest

from coursewright.agents.providers import transport as wires
from coursewright.agents.providers.transport import (
    ResponseInvalid,
    ResponseTimeout,
    Transport,
    is_loopback,
)


class Streamed:
    """An HTTP response that comes in pieces."""

    status_code = 200

    def __init__(self, *pieces: bytes) -> None:
        self.headers = {"X-Request-Id": "req-7"}
        self._pieces = pieces

    def iter_bytes(self) -> Iterator[bytes]:
        yield from self._pieces


def test_a_whole_answer_is_kept_without_the_key() -> None:
    wire = Transport(10, secret="sk-secret")

    wire.on_response(Streamed(b'{"said": ', b'"sk-secret"}'))

    assert (wire.said, wire.request_id) == ('{"said": "…"}', "req-7")


def test_reading_ends_where_an_answer_grows_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wires, "MAX_RESPONSE_BYTES", 1_000_000)
    wire = Transport(10)

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 600_000

    response = Streamed()
    monkeypatch.setattr(response, "iter_bytes", endless)

    with pytest.raises(ResponseInvalid, match="larger than 1 MB"):
        wire.on_response(response)

    assert wire.answer is None


def test_an_answer_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(wires, "monotonic", lambda: now[0])
    wire = Transport(10)

    def dripping() -> Iterator[bytes]:
        while True:
            now[0] += 4
            yield b" "

    response = Streamed()
    monkeypatch.setattr(response, "iter_bytes", dripping)

    with pytest.raises(ResponseTimeout, match="not complete in time"):
        wire.on_response(response)


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
def test_this_machine_is_told_from_others(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected
