"""One contract for all five wire formats: good is one call and one save, bad is one call."""

import json
from typing import Any

import pytest

from coursewright.agents import agent
from coursewright.domain.model_call import Agent, CallOutcome, Usage
from tests.fakes.formats import Scripted
from tests.fakes.provider import failure
from tests.unit.agents.fixtures import GENERATION
from tests.unit.agents.matrix import (
    FAULTS,
    FORMATS,
    GOOD,
    MALFORMED,
    PATIENCE,
    PROSE,
    TOOL,
    WRONG,
    Fault,
    play,
    recorded,
)

every_format = pytest.mark.parametrize("spoken", FORMATS.values(), ids=FORMATS.keys())


@pytest.fixture(autouse=True)
def patience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = PATIENCE if "time-out" in request.node.name else 20 * PATIENCE
    monkeypatch.setattr(agent, "SECONDS_TO_SAVE", 60)
    monkeypatch.setattr(agent, "MIN_CALL_SECONDS", seconds)


@every_format
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_has_its_calls_its_saves_and_its_error(
    spoken: dict[str, Any], fault: Fault
) -> None:
    outcome = play(spoken, fault.replies)

    assert (outcome.error, outcome.words) == (fault.error, outcome.words)
    assert (outcome.calls, outcome.saves) == (fault.calls, fault.saves)
    assert "\n" not in outcome.words
    assert len(outcome.words) < 600


@every_format
def test_the_request_offers_one_tool_and_forces_it(spoken: dict[str, Any]) -> None:
    outcome = play(spoken, (GOOD,))

    sent = json.dumps(outcome.provider.seen[0].body)
    assert sent.count(f'"name": "{TOOL}"') == 2 - ('"allowedFunctionNames"' in sent)
    assert "explanation" in sent
    assert "sk-scripted" not in sent
    assert "save_tests" not in sent


@every_format
def test_a_temperature_is_sent_only_where_the_registry_has_one(spoken: dict[str, Any]) -> None:
    silent = play(spoken, (GOOD,))
    warm = play(dict(spoken) | {"temperature": 0.25}, (GOOD,))

    assert "emperature" not in json.dumps(silent.provider.seen[0].body)
    assert '"temperature": 0.25' in json.dumps(warm.provider.seen[0].body)


@every_format
def test_a_call_is_recorded_with_all_that_it_used(spoken: dict[str, Any]) -> None:
    outcome = play(spoken, (GOOD,))

    (call,) = outcome.fixture.answers.calls(Agent.SOLUTION, GENERATION)
    assert call.outcome is CallOutcome.ACCEPTED
    assert call.usage == Usage(input_tokens=100, cached_tokens=64, output_tokens=20)
    assert (call.request_id, bool(call.stop_reason)) == ("req-1", True)
    raw = outcome.fixture.raw_answers.texts[call.answer_sha256]
    assert json.loads(raw)
    assert "return sum(numbers)" in raw


@every_format
@pytest.mark.parametrize("reply", [WRONG, MALFORMED], ids=["wrong", "malformed"])
def test_a_refused_answer_is_paid_and_kept_as_it_came(
    spoken: dict[str, Any], reply: Scripted
) -> None:
    outcome = play(spoken, (reply,))

    (call,) = outcome.fixture.answers.calls(Agent.SOLUTION, GENERATION)
    assert call.outcome is CallOutcome.INVALID
    assert call.usage.output_tokens == 20 * outcome.calls
    assert TOOL in outcome.fixture.raw_answers.texts[call.answer_sha256]


@every_format
@pytest.mark.parametrize("reply", [WRONG, MALFORMED, PROSE], ids=["wrong", "malformed", "prose"])
def test_what_a_failed_step_logs_quotes_neither_answer_nor_prompt(
    spoken: dict[str, Any], reply: Scripted, capfd: pytest.CaptureFixture[str]
) -> None:
    outcome = play(spoken, (reply,))

    logged = outcome.trace + "".join(capfd.readouterr())
    assert "def total" not in logged
    assert "It adds." not in logged
    assert "visits each element" not in logged


@every_format
@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_call_without_an_answer_is_not_billed(spoken: dict[str, Any], status: int) -> None:
    outcome = play(spoken, (failure(status),))

    assert recorded(outcome) == 0


@every_format
@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_a_key_that_the_provider_repeats_is_told_to_nobody(
    spoken: dict[str, Any], status: int
) -> None:
    outcome = play(spoken, (failure(status, message="wrong key sk-scripted"),))

    assert "sk-scripted" not in outcome.words or spoken["provider"] == "bedrock"
    assert "sk-scripted" not in str(outcome.fixture.raw_answers.texts)
