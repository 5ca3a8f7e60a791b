"""Marks the repeated parts of requests, for which providers then charge less.

Anthropic and Bedrock cache up to a marker. OpenAI detects common prefixes itself; a cache key tells
it which requests share one. Everything is derived from the prompt alone, so repeating a task sends
a byte-identical request.
"""

from typing import Any

from langchain_core.messages import HumanMessage, SystemMessage

from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.prompt_templates import Prompt
from coursewright.domain.base import text_sha256

CACHE_CONTROL: dict[str, dict[str, Any]] = {
    "anthropic": {"cache_control": {"type": "ephemeral"}},
    "bedrock": {"cachePoint": {"type": "default"}},
}


def build_messages(prompt: Prompt, entry: ModelEntry) -> tuple[SystemMessage, HumanMessage]:
    """Return the prompt's two messages, with cache markers after the parts shared by drafts."""
    if not entry.prompt_caching or entry.provider not in CACHE_CONTROL:
        return SystemMessage(prompt.system), HumanMessage(prompt.task)
    shared, own = prompt.task[: prompt.shared], prompt.task[prompt.shared :]
    own_blocks = [_text_block(own)] if own or not shared else []
    task = [*_with_cache_marker(shared, entry), *own_blocks] if shared else own_blocks
    return SystemMessage(list(_with_cache_marker(prompt.system, entry))), HumanMessage(list(task))


def build_settings(prompt: Prompt, entry: ModelEntry) -> dict[str, Any]:
    """Return the model settings that enable caching for providers without cache markers."""
    if not entry.prompt_caching or entry.provider != "openai":
        return {}
    prefix = text_sha256(prompt.system + prompt.task[: prompt.shared])
    return {"prompt_cache_key": f"coursewright-{prefix[:32]}"}


def _with_cache_marker(text: str, entry: ModelEntry) -> list[str | dict[str, Any]]:
    marker = CACHE_CONTROL[entry.provider]
    if entry.provider == "bedrock":
        return [_text_block(text), marker]
    return [_text_block(text) | marker]


def _text_block(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}
