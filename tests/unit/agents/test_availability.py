"""A model that cannot be called from here is listed with exactly what is missing."""

from typing import Any

import pytest

from coursewright.agents import availability
from coursewright.agents.availability import missing_requirements
from coursewright.agents.providers.factory import build_chat_model
from coursewright.domain.errors import ModelNotUsable
from coursewright.markup.availability_text import unavailability_text
from tests.fakes.memory_agents import MemoryModelKeys
from tests.unit.agents.fixtures import entry


def missing(*, has_key: bool = True, has_aws: bool = True, **changes: Any) -> list[str]:
    keys = MemoryModelKeys(("127.0.0.1",), **({"SCRIPTED_KEY": "sk"} if has_key else {}))
    found = missing_requirements(entry(**changes), keys.get, lambda: has_aws)
    return [unavailability_text(reason) for reason in found]


def test_a_model_that_lacks_nothing_is_usable() -> None:
    assert missing() == []
    assert missing(provider="anthropic") == missing(provider="google") == []
    assert missing(tool_calling=False, json_mode=True) == []


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"has_key": False}, "SCRIPTED_KEY is not set"),
        (
            {"base_url": "https://other.example/v1"},
            "SCRIPTED_KEY may not be sent to other.example; name this host in the key's entry in"
            " the secret",
        ),
        ({"disabled": True}, "it is disabled in the registry"),
        ({"tool_calling": False}, "it supports neither tool calling nor JSON mode"),
        (
            {"base_url": "${PRACTICE_URL}"},
            "its address ${PRACTICE_URL} still contains a placeholder",
        ),
        (
            {"provider": "bedrock", "has_aws": False},
            "AWS credentials and an AWS region are missing",
        ),
    ],
)
def test_what_is_missing_is_named(facts: dict[str, Any], message: str) -> None:
    assert missing(**facts) == [message]


def test_a_layer_that_was_not_deployed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "find_spec", lambda name: None)

    with pytest.raises(ModelNotUsable) as caught:
        build_chat_model(entry(provider="anthropic"), "sk")

    assert str(caught.value) == (
        "openai:scripted: the package langchain-anthropic is not installed; "
        "deploy with WithAnthropic=true"
    )
