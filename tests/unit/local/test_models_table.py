"""The table of models shows which models are usable and what the others lack."""

import io

import pytest
from rich.console import Console

from coursewright.agents.model_registry import load_registry
from local.models_table import models_table


def shown(override: str = "") -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(models_table(load_registry(override).entries()))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def line(text: str, model: str) -> str:
    return next(row for row in text.splitlines() if model in row)


def test_a_missing_key_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert "unavailable: OPENAI_API_KEY is not set" in line(shown(), "openai:gpt-4.1-mini")

    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    text = shown()

    assert "usable" in line(text, "openai:gpt-4.1-mini")
    assert "sk-secret" not in text


def test_a_known_price_has_its_date() -> None:
    override = """
[[models]]
id = "openai:ours"
label = "Ours"
group = "Proxy"
provider = "openai"
name = "ours"
tool_calling = false
json_mode = true
price_input = 0.5
price_output = 2.0
price_date = "2026-11-01"
"""
    text = shown(override)

    assert "unknown" in line(text, "openai:gpt-5.4-pro")
    assert "0.5 in, 2 out (2026-11-01)" in line(text, "openai:ours")
    assert "JSON" in line(text, "openai:ours")
    assert "strict tool (Responses)" in line(text, "openai:gpt-5.4-pro")
