"""Reads a provider's answer itself, where its client gave up on it: what was called, what it cost.

The five formats that models speak are told apart by their fields.
"""

import json
from dataclasses import dataclass
from typing import Any

from coursewright.domain.model_call import Usage

TOKENS = {
    "input": ("prompt_tokens", "input_tokens", "inputTokens", "promptTokenCount"),
    "output": ("completion_tokens", "output_tokens", "outputTokens", "candidatesTokenCount"),
    "read": ("cache_read_input_tokens", "cacheReadInputTokens"),
    "written": ("cache_creation_input_tokens", "cacheWriteInputTokens"),
}


@dataclass(frozen=True)
class ToolCall:
    """A call as it came: arguments that are text still have to be read as JSON."""

    name: str
    arguments: Any

    @property
    def is_malformed(self) -> bool:
        """Whether the arguments are text that is no JSON."""
        if not isinstance(self.arguments, str):
            return False
        try:
            json.loads(self.arguments)
        except ValueError:
            return True
        return False


def tool_calls(document: dict[str, Any]) -> list[ToolCall]:
    """Return the tool calls of an answer in any of the five formats."""
    blocks = [
        *_list(dig(document, "choices", 0, "message", "tool_calls")),
        *_list(document.get("output")),
        *_list(dig(document, "output", "message", "content")),
        *_list(document.get("content")),
        *_list(dig(document, "candidates", 0, "content", "parts")),
    ]
    calls = (_call(block) for block in blocks if isinstance(block, dict))
    return [call for call in calls if call is not None]


def stop_reason(document: dict[str, Any]) -> str:
    """Return the provider's word for why the answer ended."""
    found = (
        dig(document, "choices", 0, "finish_reason"),
        dig(document, "incomplete_details", "reason"),
        document.get("stopReason"),
        document.get("stop_reason"),
        dig(document, "candidates", 0, "finishReason"),
        document.get("status"),
    )
    return next((str(one) for one in found if one), "")


def usage(document: dict[str, Any]) -> Usage:
    """Return the tokens that the provider counted; the cached ones are part of the input."""
    counted = document.get("usage") or document.get("usageMetadata")
    if not isinstance(counted, dict):
        return Usage()
    number = {what: _first_number(counted, names) for what, names in TOKENS.items()}
    within = (
        dig(counted, "prompt_tokens_details", "cached_tokens"),
        dig(counted, "input_tokens_details", "cached_tokens"),
        counted.get("cachedContentTokenCount"),
    )
    cached = next((one for one in within if isinstance(one, int)), 0)
    return Usage(
        input_tokens=number["input"] + number["read"] + number["written"],
        cached_tokens=cached + number["read"],
        output_tokens=number["output"] + _number(counted.get("thoughtsTokenCount")),
    )


def dig(content: Any, *path: str | int) -> Any:
    """Follow names and positions into JSON; None where the way ends."""
    for step in path:
        if isinstance(step, str) and isinstance(content, dict):
            content = content.get(step)
        elif isinstance(step, int) and isinstance(content, list) and len(content) > step:
            content = content[step]
        else:
            return None
    return content


def _call(block: dict[str, Any]) -> ToolCall | None:
    for inner, arguments in (
        (block.get("function"), "arguments"),
        (block.get("toolUse"), "input"),
        (block.get("functionCall"), "args"),
        (block if block.get("type") == "function_call" else None, "arguments"),
        (block if block.get("type") == "tool_use" else None, "input"),
    ):
        if isinstance(inner, dict):
            return ToolCall(str(inner.get("name")), inner.get(arguments))
    return None


def _list(content: Any) -> list[Any]:
    return content if isinstance(content, list) else []


def _first_number(counted: dict[str, Any], names: tuple[str, ...]) -> int:
    return next((_number(counted[name]) for name in names if name in counted), 0)


def _number(content: Any) -> int:
    return content if isinstance(content, int) else 0
