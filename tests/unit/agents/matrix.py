"""Runs every model or provider fault in every wire format through the real clients.

The unit tests check each cell of this matrix; the benchmark part `agents` prints them.
"""

import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from coursewright.agents.deps import InvocationContext
from coursewright.domain.errors import (
    ModelError,
    ModelNotUsable,
    ModelOutputInvalid,
    ModelRefused,
    ModelThrottled,
    ModelUnavailable,
)
from coursewright.domain.model_call import Agent
from coursewright.steps.write_solution import write_solution
from tests.fakes.formats import Reply, ScriptedReply
from tests.fakes.provider import ScriptedProvider, completion, failure
from tests.unit.agents.fixtures import GENERATION, GOOD_SOLUTION, PART, AgentFixture, agent_fixture

TOOL = "save_solution"
CALL_TIMEOUT_SECONDS = 0.4  # time limit for a call in these tests
FORMATS: dict[str, dict[str, Any]] = {
    "OpenAI chat": {"provider": "openai", "structured_output": "strict_tool"},
    "OpenAI Responses": {
        "provider": "openai",
        "api": "responses",
        "structured_output": "strict_tool",
    },
    "Bedrock Converse": {"provider": "bedrock", "name": "amazon.nova-pro-v1:0", "key": ""},
    "Anthropic": {"provider": "anthropic", "name": "claude-haiku-4-5"},
    "Gemini": {"provider": "google", "name": "gemini-2.5-flash"},
}
GOOD = completion((TOOL, GOOD_SOLUTION))
MALFORMED = completion((TOOL, '{"code": "def total(numb'))
PROSE = completion(content="Here is a solution: def total(numbers): …")
WRONG = completion((TOOL, GOOD_SOLUTION | {"code": 3}))


@dataclass(frozen=True)
class Fault:
    """A row of the matrix: the provider's replies and the expected outcome."""

    name: str
    replies: tuple[ScriptedReply, ...]
    error: type[ModelError] | None = ModelOutputInvalid
    calls: int = 1
    saves: int = 0


@dataclass(frozen=True)
class Outcome:
    """A cell of the matrix: the actual outcome."""

    calls: int
    saves: int
    error: type[Exception] | None
    fixture: AgentFixture
    provider: ScriptedProvider
    message: str = ""
    trace: str = ""

    def is_as_required(self, fault: Fault) -> bool:
        """Whether the outcome is as expected."""
        return (self.calls, self.saves, self.error) == (fault.calls, fault.saves, fault.error)


def _answers() -> Iterator[Fault]:
    yield Fault("good", (GOOD,), None, 1, 1)
    yield Fault("endless tool calls", (GOOD, GOOD, GOOD), None, 1, 1)
    yield Fault("malformed, then good", (MALFORMED, GOOD), None, 2, 1)
    yield Fault("malformed twice", (MALFORMED, MALFORMED), calls=2)
    for name, reply in {
        "wrong type": WRONG,
        "missing argument": completion((TOOL, {"code": "x = 1"})),
        "unknown argument": completion((TOOL, GOOD_SOLUTION | {"agent": "admin"})),
        "no arguments": completion((TOOL, {})),
        "unknown tool": completion(("publish_assignments", {"all": True})),
        "two calls": completion((TOOL, GOOD_SOLUTION), (TOOL, GOOD_SOLUTION)),
        "good and bad call": completion((TOOL, GOOD_SOLUTION), ("publish_assignments", {})),
        "good and malformed": completion((TOOL, GOOD_SOLUTION), (TOOL, "{")),
        "prose": PROSE,
        "prose in JSON": completion(content='{"code": "x = 1", "explanation": "…"}'),
        "empty text": completion(content=""),
        "nothing": completion(),
        "cut by length": completion((TOOL, GOOD_SOLUTION), finish="length"),
        "cut and malformed": completion((TOOL, "{"), finish="length"),
        "unknown end": completion((TOOL, GOOD_SOLUTION), finish="oops"),
    }.items():
        yield Fault(name, (reply,))
    yield Fault("refusal", (completion(refusal="I will not."),), ModelRefused)
    yield Fault("content filter", (completion(content="", finish="content_filter"),), ModelRefused)


def _failures() -> Iterator[Fault]:
    yield Fault("429", (failure(429),), ModelThrottled)
    for status in (408, 500, 503, 529):
        yield Fault(str(status), (failure(status),), ModelUnavailable)
    yield Fault(
        "time-out in mid-call", (Reply(delay_seconds=2 * CALL_TIMEOUT_SECONDS),), ModelUnavailable
    )
    yield Fault("connection cut", (Reply(body=b'{"a', is_cut=True),), ModelUnavailable)
    unusable: dict[str, ScriptedReply] = {
        "401": failure(401),
        "403": failure(403),
        "unknown model": failure(404, "model_not_found"),
        "quota gone": failure(429, "insufficient_quota"),
        "context too long": failure(400, "context_length_exceeded"),
        "bad request": failure(400, "bad_parameter"),
        "redirect": Reply(status=307, body=b"{}"),
    }
    for name, failed in unusable.items():
        yield Fault(name, (failed,), ModelNotUsable)
    for name, body in {
        "a web page": b"<html>Welcome to the proxy</html>",
        "no JSON": b"{not json",
        "empty body": b"",
        "JSON of another kind": b'{"hello": "world"}',
        "a list": b"[1, 2]",
        "5 MB": b'{"a": "' + b"x" * 5_000_000 + b'"}',
        "not UTF-8": b'{"a": "\xff\xfe\x80"}',
    }.items():
        yield Fault(name, (Reply(body=body),))


FAULTS = (*_answers(), *_failures())


def run_case(wire_format: Mapping[str, Any], replies: tuple[ScriptedReply, ...]) -> Outcome:
    """Run the third agent once against a provider with scripted replies."""
    with ScriptedProvider(replies) as provider:
        path = "/v1" if wire_format["provider"] == "openai" else ""
        url = provider.url.removesuffix("/v1") + path
        fixture = agent_fixture(url, has_draft=True, **wire_format)
        error: Exception | None = None
        try:
            write_solution(
                PART, deps=fixture.deps, invocation=InvocationContext(lease="1", seconds_left=60)
            )
        except ModelError as failed:
            error = failed
    return Outcome(
        calls=provider.calls,
        saves=fixture.drafts.saves,
        error=type(error) if error else None,
        fixture=fixture,
        provider=provider,
        message=str(error or ""),
        trace="".join(traceback.format_exception(error)) if error else "",
    )


def recorded(outcome: Outcome) -> int:
    """Count the calls recorded in the ledger."""
    return len(outcome.fixture.answers.calls(Agent.SOLUTION, GENERATION))
