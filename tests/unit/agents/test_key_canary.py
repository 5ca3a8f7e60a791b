"""No failure of a provider, in any format, discloses the key that was sent to it."""

import io
import logging
import socket
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from coursewright.domain.errors import ModelError
from coursewright.observability import logger
from coursewright.steps.write_solution import write_solution
from tests.fakes.formats import Reply, ScriptedReply
from tests.fakes.memory_agents import MemoryModelKeys
from tests.fakes.provider import ScriptedProvider, completion, failure
from tests.unit.agents.fixtures import INVOCATION, PART, agent_fixture
from tests.unit.agents.matrix import FORMATS

KEY = "sk-canary-0123456789-abcdefghij"
ECHO = f"wrong key {KEY}, sent as Bearer {KEY}"
KEYED = {name: facts for name, facts in FORMATS.items() if name != "Bedrock Converse"}
REPLIES: dict[str, ScriptedReply] = {
    **{str(status): failure(status, message=ECHO) for status in (400, 401, 403, 404, 413, 429)},
    **{str(status): failure(status, message=ECHO) for status in (402, 408, 500, 503, 529)},
    "quota": failure(429, "insufficient_quota", ECHO),
    "refusal": failure(400, "content_filter", ECHO),
    "redirect": Reply(status=307, body=ECHO.encode()),
    "web page": Reply(body=f"<html>{ECHO}</html>".encode(), content_type="text/html"),
    "error page": Reply(status=502, body=f"<html>{ECHO}</html>".encode(), content_type="text/html"),
    "not UTF-8": Reply(body=ECHO.encode() + b"\xff"),
    "cut": Reply(body=f'{{"error": "{ECHO}"'.encode(), is_cut=True),
    "not JSON": Reply(body=f'{{"error": "{ECHO}"'.encode()),
    "other JSON": Reply(body=f'["{ECHO}"]'.encode()),
    "error with status 200": Reply(body=f'{{"error": {{"message": "{ECHO}"}}}}'.encode()),
    "too large": Reply(body=ECHO.encode() * 150_000),
    "malformed call": completion(("save_solution", f'{{"code": "{ECHO}')),
    "unknown tool": completion((f"save_{KEY}", {"code": ECHO})),
    "prose": completion(content=ECHO),
    "late": Reply(body=ECHO.encode(), delay_seconds=0.6),
}


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[io.StringIO]:
    """Return all log output of the test, in detail, formatted as on AWS."""
    output, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(output)
    handler.setFormatter(logger.registered_formatter)
    loggers = (root, logging.getLogger("coursewright"))
    for found in loggers:
        found.addHandler(handler)
    with caplog.at_level(logging.DEBUG):
        yield output
    for found in loggers:
        found.removeHandler(handler)


def chain(error: BaseException | None) -> Iterator[str]:
    """Yield everything that an error and the errors behind it can print."""
    while error is not None:
        yield from (str(error), repr(error), repr(vars(error)), repr(error.args))
        yield from getattr(error, "__notes__", ())
        yield "".join(traceback.format_exception(error))
        error = error.__cause__ or error.__context__


def disclosures(url: str, facts: dict[str, Any], logged: io.StringIO) -> list[str]:
    """Run an agent against a provider and return where its key appears."""
    keys = MemoryModelKeys(("127.0.0.1", "provider.invalid"), SCRIPTED_KEY=KEY)
    fixture = agent_fixture(url, has_draft=True, model_key=keys.get, **facts)
    invocation = INVOCATION.__class__(lease="lease", seconds_left=10.4)
    error: ModelError | None = None
    try:
        write_solution(PART, deps=fixture.deps, invocation=invocation)
    except ModelError as caught:
        error = caught
        logger.exception("step_failed")
    assert error is not None
    places = {
        "error": "\n".join(chain(error)),
        "log": logged.getvalue(),
        "ledger": repr(vars(fixture.answers)),
        "deps": repr(fixture.deps),
    }
    return [place for place, text in places.items() if KEY in text]


@pytest.mark.parametrize("wire_format", KEYED.values(), ids=KEYED)
@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_a_failing_provider_that_repeats_the_key_discloses_nothing(
    wire_format: dict[str, Any],
    reply: ScriptedReply,
    logged: io.StringIO,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with ScriptedProvider([reply]) as provider:
        found = disclosures(provider.url, wire_format, logged)
        sent = str(provider.requests[0].headers)

    assert KEY in sent
    assert found == []
    assert KEY not in "".join(capfd.readouterr())


def closed_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


@pytest.mark.parametrize("wire_format", KEYED.values(), ids=KEYED)
@pytest.mark.parametrize("kind", ["closed port", "unknown host", "no TLS"])
def test_a_failed_connection_discloses_nothing(
    wire_format: dict[str, Any],
    kind: str,
    logged: io.StringIO,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with ScriptedProvider([completion()]) as provider:
        urls = {
            "closed port": closed_port(),
            "unknown host": "https://provider.invalid/v1",
            "no TLS": provider.url.replace("http://", "https://"),
        }

        found = disclosures(urls[kind], wire_format, logged)

    assert found == []
    assert KEY not in "".join(capfd.readouterr())
