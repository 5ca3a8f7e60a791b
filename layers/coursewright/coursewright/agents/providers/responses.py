"""Parses raw provider responses if the provider's own client failed to or omitted something.

The five supported response formats are distinguished by their fields.
"""

import json
from dataclasses import dataclass
from typing import Any

from coursewright.domain.model_call import Usage

TOKEN_FIELDS = {
    "input": ("prompt_tokens", "input_tokens", "inputTokens", "promptTokenCount"),
    "output": ("completion_tokens", "output_tokens", "outputTokens", "candidatesTokenCount"),
    "cache_read": ("cache_read_input_tokens", "cacheReadInputTokens"),
    "cache_write": ("cache_creation_input_tokens", "cacheWriteInputTokens"),
}


@dataclass(frozen=True)
class ToolCall:
    """A tool call as received; arguments in text form have not been parsed yet."""

    name: str
    arguments: Any

    @property
    def is_malformed(self) -> bool:
        """Whether the arguments are text but not valid JSON."""
        if not isinstance(self.arguments, str):
            return False
        try:
            json.loads(self.arguments)
        except (ValueError, RecursionError):
            return True
        return False


def tool_calls(document: dict[str, Any]) -> list[ToolCall]:
    """Return the tool calls of a response in any of the five formats."""
    blocks = [
        *_as_list(get_nested(document, "choices", 0, "message", "tool_calls")),
        *_as_list(document.get("output")),
        *_as_list(get_nested(document, "output", "message", "content")),
        *_as_list(document.get("content")),
        *_as_list(get_nested(document, "candidates", 0, "content", "parts")),
    ]
    calls = (_parse_tool_call(block) for block in blocks if isinstance(block, dict))
    return [call for call in calls if call is not None]


def stop_reason(document: dict[str, Any]) -> str:
    """Return the provider's stop reason."""
    candidates = (
        get_nested(document, "choices", 0, "finish_reason"),
        get_nested(document, "incomplete_details", "reason"),
        document.get("stopReason"),
        document.get("stop_reason"),
        get_nested(document, "candidates", 0, "finishReason"),
        document.get("status"),
    )
    return next((str(reason) for reason in candidates if reason), "")


def usage(document: dict[str, Any]) -> Usage:
    """Return the billed tokens; cached tokens are included in the input tokens."""
    counts = document.get("usage") or document.get("usageMetadata")
    if not isinstance(counts, dict):
        return Usage()
    tokens = {kind: _first_number(counts, names) for kind, names in TOKEN_FIELDS.items()}
    included = (
        get_nested(counts, "prompt_tokens_details", "cached_tokens"),
        get_nested(counts, "input_tokens_details", "cached_tokens"),
        counts.get("cachedContentTokenCount"),
        counts.get("prompt_cache_hit_tokens"),  # DeepSeek
        counts.get("cached_tokens"),  # Moonshot
    )
    cached = next((number for number in included if isinstance(number, int)), 0)
    return Usage(
        input_tokens=tokens["input"] + tokens["cache_read"] + tokens["cache_write"],
        cached_tokens=cached + tokens["cache_read"],
        output_tokens=tokens["output"] + _as_number(counts.get("thoughtsTokenCount")),
    )


def get_nested(content: Any, *path: str | int) -> Any:
    """Return the value at a path of keys and indexes in parsed JSON, or None."""
    for step in path:
        if isinstance(step, str) and isinstance(content, dict):
            content = content.get(step)
        elif isinstance(step, int) and isinstance(content, list) and len(content) > step:
            content = content[step]
        else:
            return None
    return content


def _parse_tool_call(block: dict[str, Any]) -> ToolCall | None:
    for call, arguments in (
        (block.get("function"), "arguments"),
        (block.get("toolUse"), "input"),
        (block.get("functionCall"), "args"),
        (block if block.get("type") == "function_call" else None, "arguments"),
        (block if block.get("type") == "tool_use" else None, "input"),
    ):
        if isinstance(call, dict):
            return ToolCall(str(call.get("name")), call.get(arguments))
    return None


def _as_list(content: Any) -> list[Any]:
    return content if isinstance(content, list) else []


def _first_number(counts: dict[str, Any], names: tuple[str, ...]) -> int:
    return next((_as_number(counts[name]) for name in names if name in counts), 0)


def _as_number(content: Any) -> int:
    return content if isinstance(content, int) else 0
