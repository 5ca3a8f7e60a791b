"""In all five wire formats, a good answer takes one call and one save, and a bad one no save."""

import json
from typing import Any

import pytest

from coursewright.agents import agent
from coursewright.domain.model_call import Agent, CallOutcome, Usage
from tests.fakes.formats import Reply, ScriptedReply, render_reply
from tests.fakes.provider import failure
from tests.unit.agents.fixtures import GENERATION
from tests.unit.agents.matrix import (
    CALL_TIMEOUT_SECONDS,
    FAULTS,
    FORMATS,
    GOOD,
    MALFORMED,
    PROSE,
    TOOL,
    WRONG,
    Fault,
    recorded,
    run_case,
)

every_format = pytest.mark.parametrize("wire_format", FORMATS.values(), ids=FORMATS.keys())


@pytest.fixture(autouse=True)
def patience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = CALL_TIMEOUT_SECONDS if "time-out" in request.node.name else 20 * CALL_TIMEOUT_SECONDS
    monkeypatch.setattr(agent, "SECONDS_TO_SAVE", 60)
    monkeypatch.setattr(agent, "MIN_CALL_SECONDS", seconds)


@every_format
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_has_its_calls_its_saves_and_its_error(
    wire_format: dict[str, Any], fault: Fault
) -> None:
    outcome = run_case(wire_format, fault.replies)

    assert (outcome.error, outcome.message) == (fault.error, outcome.message)
    assert (outcome.calls, outcome.saves) == (fault.calls, fault.saves)
    assert "\n" not in outcome.message
    assert len(outcome.message) < 600


@every_format
def test_the_request_offers_one_tool_and_forces_it(wire_format: dict[str, Any]) -> None:
    outcome = run_case(wire_format, (GOOD,))

    sent = json.dumps(outcome.provider.requests[0].body)
    assert sent.count(f'"name": "{TOOL}"') == 2 - ('"allowedFunctionNames"' in sent)
    assert "explanation" in sent
    assert "sk-scripted" not in sent
    assert "save_tests" not in sent


@every_format
def test_a_temperature_is_sent_only_where_the_registry_has_one(wire_format: dict[str, Any]) -> None:
    silent = run_case(wire_format, (GOOD,))
    warm = run_case(dict(wire_format) | {"temperature": 0.25}, (GOOD,))

    assert "emperature" not in json.dumps(silent.provider.requests[0].body)
    assert '"temperature": 0.25' in json.dumps(warm.provider.requests[0].body)


@every_format
def test_a_call_is_recorded_with_its_usage(wire_format: dict[str, Any]) -> None:
    outcome = run_case(wire_format, (GOOD,))

    (call,) = outcome.fixture.answers.calls(Agent.SOLUTION, GENERATION)
    assert call.outcome is CallOutcome.ACCEPTED
    assert call.usage == Usage(input_tokens=100, cached_tokens=64, output_tokens=20)
    assert (call.request_id, bool(call.stop_reason)) == ("req-1", True)
    raw = outcome.fixture.answers.responses[call.answer_sha256]
    assert json.loads(raw)
    assert "return sum(numbers)" in raw


@pytest.mark.parametrize(
    ("counts", "fields"),
    [
        ({"prompt_cache_hit_tokens": 64}, {}),
        ({"cached_tokens": 64}, {}),
        ({"prompt_tokens_details": {"cached_tokens": 64}}, {"service_tier": "flex"}),
    ],
    ids=["DeepSeek", "Moonshot", "flex tier"],
)
def test_cached_tokens_that_the_client_misses_are_recorded(
    counts: dict[str, Any], fields: dict[str, Any]
) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120} | counts
    body = json.loads(render_reply("/chat/completions", GOOD).body) | {"usage": usage} | fields

    outcome = run_case(FORMATS["OpenAI chat"], (Reply(body=json.dumps(body).encode()),))

    (call,) = outcome.fixture.answers.calls(Agent.SOLUTION, GENERATION)
    assert call.usage == Usage(input_tokens=100, cached_tokens=64, output_tokens=20)


@every_format
@pytest.mark.parametrize("reply", [WRONG, MALFORMED], ids=["wrong", "malformed"])
def test_a_rejected_answer_is_paid_and_stored_unchanged(
    wire_format: dict[str, Any], reply: ScriptedReply
) -> None:
    outcome = run_case(wire_format, (reply,))

    (call,) = outcome.fixture.answers.calls(Agent.SOLUTION, GENERATION)
    assert call.outcome is CallOutcome.INVALID
    assert call.usage.output_tokens == 20 * outcome.calls
    assert TOOL in outcome.fixture.answers.responses[call.answer_sha256]


@every_format
@pytest.mark.parametrize("reply", [WRONG, MALFORMED, PROSE], ids=["wrong", "malformed", "prose"])
def test_the_log_of_a_failed_step_quotes_neither_answer_nor_prompt(
    wire_format: dict[str, Any], reply: ScriptedReply, capfd: pytest.CaptureFixture[str]
) -> None:
    outcome = run_case(wire_format, (reply,))

    logged = outcome.trace + "".join(capfd.readouterr())
    assert "def total" not in logged
    assert "It adds." not in logged
    assert "visits each element" not in logged


@every_format
@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_call_without_an_answer_is_not_billed(wire_format: dict[str, Any], status: int) -> None:
    outcome = run_case(wire_format, (failure(status),))

    assert recorded(outcome) == 0


@every_format
@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_a_key_that_the_provider_repeats_is_never_disclosed(
    wire_format: dict[str, Any], status: int
) -> None:
    outcome = run_case(wire_format, (failure(status, message="wrong key sk-scripted"),))

    assert "sk-scripted" not in outcome.message or wire_format["provider"] == "bedrock"
    assert "sk-scripted" not in str(outcome.fixture.answers.responses)
