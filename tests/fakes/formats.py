"""Renders scripted model answers and provider errors in each of the five wire formats."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

JSON = "application/json"


@dataclass(frozen=True)
class Reply:
    """A complete HTTP response."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    delay_seconds: float = 0.0
    is_cut: bool = False
    error_type: str = ""


@dataclass(frozen=True)
class ModelAnswer:
    """A model's answer with OpenAI's stop reason; arguments given as strings are sent as is."""

    calls: tuple[tuple[str, Mapping[str, Any] | str], ...] = ()
    content: str | None = None
    finish: str | None = "default"
    refusal: str | None = None
    delay_seconds: float = 0.0

    @property
    def stop_reason(self) -> str | None:
        """The stop reason in OpenAI's terms."""
        if self.finish == "default":
            return "tool_calls" if self.calls else "stop"
        return self.finish


@dataclass(frozen=True)
class ProviderError:
    """A provider's error, with the HTTP status and OpenAI's error code."""

    status: int
    code: str | None = None
    message: str = "scripted failure"


ScriptedReply = Reply | ModelAnswer | ProviderError
Rendered = dict[str, Any]
STOP_REASONS: dict[str, dict[str, str]] = {
    "converse": {
        "stop": "end_turn",
        "tool_calls": "tool_use",
        "length": "max_tokens",
        "content_filter": "content_filtered",
    },
    "anthropic": {
        "stop": "end_turn",
        "tool_calls": "tool_use",
        "length": "max_tokens",
        "content_filter": "refusal",
    },
    "gemini": {
        "stop": "STOP",
        "tool_calls": "STOP",
        "length": "MAX_TOKENS",
        "content_filter": "SAFETY",
        "oops": "OTHER",
    },
}
AWS_ERRORS = {
    429: "ThrottlingException",
    401: "UnrecognizedClientException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    503: "ServiceUnavailableException",
}
ANTHROPIC_ERRORS = {
    429: "rate_limit_error",
    401: "authentication_error",
    404: "not_found_error",
    529: "overloaded_error",
}
GEMINI_ERRORS = {
    429: "RESOURCE_EXHAUSTED",
    401: "UNAUTHENTICATED",
    404: "NOT_FOUND",
    503: "UNAVAILABLE",
}
TOO_LONG = {
    "converse": "Input is too long for requested model.",
    "anthropic": "prompt is too long: 250000 tokens > 200000 maximum",
    "gemini": "The input token count exceeds the maximum number of tokens allowed 1048576.",
}


def wire_format_of(path: str) -> str:
    """Return the wire format that belongs to a request path."""
    known = {"/converse": "converse", "/messages": "anthropic", "enerateContent": "gemini"}
    for ending, name in known.items():
        if path.partition("?")[0].endswith(ending):
            return name
    return "responses" if path.endswith("/responses") else "chat"


def render_reply(path: str, reply: ScriptedReply) -> Reply:
    """Render a reply in the wire format that belongs to the request path."""
    if isinstance(reply, Reply):
        return reply
    wire_format = wire_format_of(path)
    if isinstance(reply, ProviderError):
        return _render_error(wire_format, reply)
    body = json.dumps(_RENDERERS[wire_format](reply)).encode()
    return Reply(body=body, delay_seconds=reply.delay_seconds)


def _render_error(wire_format: str, failed: ProviderError) -> Reply:
    status, error_type = failed.status, ""
    message = failed.message
    if failed.code == "context_length_exceeded":
        message = TOO_LONG.get(wire_format, message)
    body: Rendered = {"error": {"message": message, "type": "scripted", "code": failed.code}}
    if wire_format == "converse":
        spent = failed.code == "insufficient_quota"
        error_type = "ServiceQuotaExceededException" if spent else ""
        error_type = error_type or AWS_ERRORS.get(status, "ValidationException")
        status, body = 400 if spent else status, {"message": message}
    elif wire_format == "anthropic":
        spent = failed.code == "insufficient_quota"
        kind = "billing_error" if spent else ANTHROPIC_ERRORS.get(status, "invalid_request_error")
        body = {"type": "error", "error": {"type": kind, "message": message}}
    elif wire_format == "gemini":
        kind = GEMINI_ERRORS.get(status, "INVALID_ARGUMENT")
        quota = {"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}
        details = [quota] if failed.code == "insufficient_quota" else []
        body = {"error": {"code": status, "message": message, "status": kind, "details": details}}
    return Reply(status=status, body=json.dumps(body).encode(), error_type=error_type)


def _render_chat(answer: ModelAnswer) -> Rendered:
    message: Rendered = {"role": "assistant", "content": answer.content, "refusal": answer.refusal}
    if answer.calls:
        message["tool_calls"] = [
            {
                "id": f"call_{uuid.uuid4().hex[:8]}",
                "type": "function",
                "function": {"name": name, "arguments": _as_text(arguments)},
            }
            for name, arguments in answer.calls
        ]
    choice = {"index": 0, "message": message, "finish_reason": answer.stop_reason, "logprobs": None}
    return chat_completion() | {"choices": [choice]}


def chat_completion() -> Rendered:
    """Return the fields that every chat completion has."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "usage": {
            "prompt_tokens": 100,
            "completion_tokens": 20,
            "total_tokens": 120,
            "prompt_tokens_details": {"cached_tokens": 64},
        },
    }


def _render_responses(answer: ModelAnswer) -> Rendered:
    content: list[Rendered] = []
    if answer.refusal:
        content.append({"type": "refusal", "refusal": answer.refusal})
    elif answer.content is not None:
        content.append({"type": "output_text", "text": answer.content, "annotations": []})
    message = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant"}
    output = [message | {"content": content}] if content else []
    output += [
        {
            "type": "function_call",
            "id": f"fc_{at}",
            "call_id": f"call_{at}",
            "name": name,
            "arguments": _as_text(arguments),
            "status": "completed",
        }
        for at, (name, arguments) in enumerate(answer.calls)
    ]
    why = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(
        answer.stop_reason or ""
    )
    usual = {"stop": "completed", "tool_calls": "completed"}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": "scripted",
        "status": "incomplete" if why else usual.get(answer.stop_reason or "", answer.stop_reason),
        "incomplete_details": {"reason": why} if why else None,
        "error": None,
        "output": output,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 100,
            "input_tokens_details": {"cached_tokens": 64},
            "output_tokens": 20,
            "output_tokens_details": {"reasoning_tokens": 7},
            "total_tokens": 120,
        },
    }


def _render_converse(answer: ModelAnswer) -> Rendered:
    text = answer.refusal or answer.content
    content: list[Rendered] = [] if text is None else [{"text": text}]
    content += [
        {"toolUse": {"toolUseId": f"use_{at}", "name": name, "input": arguments}}
        for at, (name, arguments) in enumerate(answer.calls)
    ]
    stop = "guardrail_intervened" if answer.refusal else _stop_reason("converse", answer)
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop,
        "usage": {
            "inputTokens": 36,
            "outputTokens": 20,
            "totalTokens": 120,
            "cacheReadInputTokens": 64,
        },
        "metrics": {"latencyMs": 12},
    }


def _render_anthropic(answer: ModelAnswer) -> Rendered:
    text = answer.refusal or answer.content
    content: list[Rendered] = [] if text is None else [{"type": "text", "text": text}]
    content += [
        {"type": "tool_use", "id": f"toolu_{at}", "name": name, "input": arguments}
        for at, (name, arguments) in enumerate(answer.calls)
    ]
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "scripted",
        "content": content,
        "stop_reason": "refusal" if answer.refusal else _stop_reason("anthropic", answer),
        "stop_sequence": None,
        "usage": {"input_tokens": 36, "output_tokens": 20, "cache_read_input_tokens": 64},
    }


def _render_gemini(answer: ModelAnswer) -> Rendered:
    text = answer.refusal or answer.content
    parts: list[Rendered] = [] if text is None else [{"text": text}]
    parts += [
        {"functionCall": {"name": name, "args": arguments}} for name, arguments in answer.calls
    ]
    candidate: Rendered = {"content": {"role": "model", "parts": parts}, "index": 0}
    if stop := "SAFETY" if answer.refusal else _stop_reason("gemini", answer):
        candidate["finishReason"] = stop
    return {
        "candidates": [candidate],
        "usageMetadata": {
            "promptTokenCount": 100,
            "candidatesTokenCount": 20,
            "totalTokenCount": 120,
            "cachedContentTokenCount": 64,
        },
        "modelVersion": "scripted",
        "responseId": "g1",
    }


def _stop_reason(wire_format: str, answer: ModelAnswer) -> str | None:
    return answer.stop_reason and STOP_REASONS[wire_format].get(
        answer.stop_reason, answer.stop_reason
    )


def _as_text(arguments: Mapping[str, Any] | str) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


_RENDERERS: dict[str, Callable[[ModelAnswer], Rendered]] = {
    "chat": _render_chat,
    "responses": _render_responses,
    "converse": _render_converse,
    "anthropic": _render_anthropic,
    "gemini": _render_gemini,
}
