"""The registry lists models with their prices and reports invalid entries."""

from typing import Any

import pytest

from coursewright.agents.model_registry import StructuredOutput, load_registry
from coursewright.domain.errors import ModelDisabled, ModelNotUsable
from coursewright.domain.model_call import Price


def toml(**changes: Any) -> str:
    facts: dict[str, Any] = {
        "id": "openai:one",
        "label": "One",
        "group": "Ours",
        "provider": "openai",
        "name": "one",
        "tool_calling": True,
    }
    shown = {True: "true", False: "false"}
    lines = [
        f"{name} = {shown[value] if isinstance(value, bool) else repr(value)}"
        for name, value in (facts | changes).items()
        if value is not None
    ]
    return "[[models]]\n" + "\n".join(lines) + "\n"


def test_the_shipped_registry_has_models_of_every_provider() -> None:
    registry = load_registry()

    assert {entry.provider for entry in registry.entries()} == {
        "openai",
        "bedrock",
        "anthropic",
        "google",
    }
    assert registry.get("openai:gpt-5.4-mini").key == "OPENAI_API_KEY"


def test_a_shipped_price_has_a_date() -> None:
    entries = load_registry().entries()

    assert [
        entry.id for entry in entries if (entry.price_input is None) != (not entry.price_date)
    ] == []


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"provider": "openai"}, StructuredOutput.STRICT_TOOL),
        ({"provider": "openai", "base_url": "https://llm.example/v1"}, StructuredOutput.TOOL),
        ({"provider": "anthropic"}, StructuredOutput.STRICT_TOOL),
        ({"provider": "google"}, StructuredOutput.STRICT_TOOL),
        (
            {"provider": "bedrock", "name": "eu.anthropic.claude-opus-4-7"},
            StructuredOutput.STRICT_TOOL,
        ),
        ({"provider": "bedrock", "name": "openai.gpt-oss-120b-1:0"}, StructuredOutput.TOOL),
        ({"provider": "openai", "structured_output": "schema"}, StructuredOutput.SCHEMA),
    ],
)
def test_structured_output_is_as_strict_as_the_provider_allows(
    facts: dict[str, Any], expected: StructuredOutput
) -> None:
    registry = load_registry(base=toml(**facts))

    assert registry.get("openai:one").structured_output is expected


def test_an_override_adds_and_replaces_by_id() -> None:
    override = toml(label="Better") + toml(id="openai:two", price_input=1.5, price_date="today")

    registry = load_registry(override, base=toml())

    assert [entry.id for entry in registry.entries()] == ["openai:one", "openai:two"]
    assert registry.get("openai:one").label == "Better"
    assert registry.price("openai:two") == Price(input=1.5, date="today")


def test_a_model_without_a_price_or_an_entry_has_an_unknown_price() -> None:
    registry = load_registry(base=toml())

    assert registry.price("openai:one") == registry.price("openai:gone") == Price()


def test_a_disabled_model_keeps_its_price() -> None:
    registry = load_registry(toml(disabled=True, price_input=2.0), base=toml())

    with pytest.raises(ModelDisabled, match="openai:one is disabled"):
        registry.get("openai:one")
    assert registry.price("openai:one").input == 2.0


def test_an_unknown_model_error_lists_the_known_models() -> None:
    registry = load_registry(base=toml())

    with pytest.raises(ModelNotUsable, match=r"openai:x is not in the registry; .* openai:one"):
        registry.get("openai:x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (toml(price_inptu=1.0), r"entry 1 \(openai:one\), price_inptu"),
        (toml(tool_calling="yes"), r"entry 1 \(openai:one\), tool_calling"),
        (toml(price_output=-1.0), r"entry 1 \(openai:one\), price_output"),
        (toml(provider="acme"), "provider"),
        (toml(name=None), r"\(openai:one\), name"),
        (toml(id="nonsense"), r"\(nonsense\), id"),
        (toml() + toml(), "lists an id more than once"),
        ("[[models]", "is not valid TOML"),
        ("[[model]]\nid = 'x'", r"only \[\[models\]\]"),
        ("models = 3", r"only \[\[models\]\]"),
        ("models = [3]", "entry 1"),
    ],
)
def test_a_wrong_override_is_named(text: str, message: str) -> None:
    with pytest.raises(ModelNotUsable, match=message) as caught:
        load_registry(text, base="")

    assert "the models parameter" in str(caught.value)
