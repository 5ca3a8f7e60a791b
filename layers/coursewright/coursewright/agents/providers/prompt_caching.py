"""Marks the parts of a request that repeat, so that providers charge less for them.

Anthropic and Bedrock cache up to a mark; OpenAI finds prefixes by itself and is told by a key
which requests belong together. All of it is made of the prompt alone: the same task, asked again,
is the same request to the byte.
"""

from typing import Any

from langchain_core.messages import HumanMessage, SystemMessage

from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.prompt_templates import Prompt
from coursewright.domain.base import text_sha256

MARKS: dict[str, dict[str, Any]] = {
    "anthropic": {"cache_control": {"type": "ephemeral"}},
    "bedrock": {"cachePoint": {"type": "default"}},
}


def messages(prompt: Prompt, entry: ModelEntry) -> tuple[SystemMessage, HumanMessage]:
    """Return the prompt's two messages, marked after what all drafts of a generation share."""
    if not entry.prompt_caching or entry.provider not in MARKS:
        return SystemMessage(prompt.system), HumanMessage(prompt.task)
    shared, own = prompt.task[: prompt.shared], prompt.task[prompt.shared :]
    task = [*_marked(shared, entry), *([_text(own)] if own else [])] if shared else [_text(own)]
    return SystemMessage(list(_marked(prompt.system, entry))), HumanMessage(list(task))


def settings(prompt: Prompt, entry: ModelEntry) -> dict[str, Any]:
    """Return what goes beside the messages."""
    if not entry.prompt_caching or entry.provider != "openai":
        return {}
    prefix = text_sha256(prompt.system + prompt.task[: prompt.shared])
    return {"prompt_cache_key": f"coursewright-{prefix[:32]}"}


def _marked(text: str, entry: ModelEntry) -> list[str | dict[str, Any]]:
    mark = MARKS[entry.provider]
    if entry.provider == "bedrock":
        return [_text(text), mark]
    return [_text(text) | mark]


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}
