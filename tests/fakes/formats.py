"""What a model says and how a provider fails, written in each of the five formats on the wire."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

JSON = "application/json"


@dataclass(frozen=True)
class Reply:
    """One HTTP answer."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    delay_seconds: float = 0.0
    is_cut: bool = False
    error_type: str = ""


@dataclass(frozen=True)
class ModelAnswer:
    """What a model says; its end is given in OpenAI's words. Arguments as text are sent as such."""

    calls: tuple[tuple[str, Mapping[str, Any] | str], ...] = ()
    content: str | None = None
    finish: str | None = "default"
    refusal: str | None = None
    delay_seconds: float = 0.0

    @property
    def end(self) -> str | None:
        """The reason for which the answer ended."""
        if self.finish == "default":
            return "tool_calls" if self.calls else "stop"
        return self.finish


@dataclass(frozen=True)
class ProviderError:
    """How a provider fails: its status, and the reason in OpenAI's words."""

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
    """Tell by the path which format a client speaks."""
    known = {"/converse": "converse", "/messages": "anthropic", "enerateContent": "gemini"}
    for ending, name in known.items():
        if path.partition("?")[0].endswith(ending):
            return name
    return "responses" if path.endswith("/responses") else "chat"


def render_reply(path: str, reply: ScriptedReply) -> Reply:
    """Write an answer in the format that the path asks for."""
    if isinstance(reply, Reply):
        return reply
    spoken = wire_format_of(path)
    if isinstance(reply, ProviderError):
        return _failure(spoken, reply)
    body = json.dumps(_WRITERS[spoken](reply)).encode()
    return Reply(body=body, delay_seconds=reply.delay_seconds)


def _failure(spoken: str, failed: ProviderError) -> Reply:
    status, error_type = failed.status, ""
    message = failed.message
    if failed.code == "context_length_exceeded":
        message = TOO_LONG.get(spoken, message)
    body: Rendered = {"error": {"message": message, "type": "scripted", "code": failed.code}}
    if spoken == "converse":
        spent = failed.code == "insufficient_quota"
        error_type = "ServiceQuotaExceededException" if spent else ""
        error_type = error_type or AWS_ERRORS.get(status, "ValidationException")
        status, body = 400 if spent else status, {"message": message}
    elif spoken == "anthropic":
        spent = failed.code == "insufficient_quota"
        kind = "billing_error" if spent else ANTHROPIC_ERRORS.get(status, "invalid_request_error")
        body = {"type": "error", "error": {"type": kind, "message": message}}
    elif spoken == "gemini":
        kind = GEMINI_ERRORS.get(status, "INVALID_ARGUMENT")
        quota = {"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}
        details = [quota] if failed.code == "insufficient_quota" else []
        body = {"error": {"code": status, "message": message, "status": kind, "details": details}}
    return Reply(status=status, body=json.dumps(body).encode(), error_type=error_type)


def _chat(said: ModelAnswer) -> Rendered:
    message: Rendered = {"role": "assistant", "content": said.content, "refusal": said.refusal}
    if said.calls:
        message["tool_calls"] = [
            {
                "id": f"call_{uuid.uuid4().hex[:8]}",
                "type": "function",
                "function": {"name": name, "arguments": _text(arguments)},
            }
            for name, arguments in said.calls
        ]
    choice = {"index": 0, "message": message, "finish_reason": said.end, "logprobs": None}
    return chat_completion() | {"choices": [choice]}


def chat_completion() -> Rendered:
    """Return what every chat completion has."""
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


def _responses(said: ModelAnswer) -> Rendered:
    content: list[Rendered] = []
    if said.refusal:
        content.append({"type": "refusal", "refusal": said.refusal})
    elif said.content is not None:
        content.append({"type": "output_text", "text": said.content, "annotations": []})
    message = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant"}
    output = [message | {"content": content}] if content else []
    output += [
        {
            "type": "function_call",
            "id": f"fc_{at}",
            "call_id": f"call_{at}",
            "name": name,
            "arguments": _text(arguments),
            "status": "completed",
        }
        for at, (name, arguments) in enumerate(said.calls)
    ]
    why = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(said.end or "")
    usual = {"stop": "completed", "tool_calls": "completed"}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": "scripted",
        "status": "incomplete" if why else usual.get(said.end or "", said.end),
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


def _converse(said: ModelAnswer) -> Rendered:
    words = said.refusal or said.content
    content: list[Rendered] = [] if words is None else [{"text": words}]
    content += [
        {"toolUse": {"toolUseId": f"use_{at}", "name": name, "input": arguments}}
        for at, (name, arguments) in enumerate(said.calls)
    ]
    stop = "guardrail_intervened" if said.refusal else _end("converse", said)
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


def _anthropic(said: ModelAnswer) -> Rendered:
    words = said.refusal or said.content
    content: list[Rendered] = [] if words is None else [{"type": "text", "text": words}]
    content += [
        {"type": "tool_use", "id": f"toolu_{at}", "name": name, "input": arguments}
        for at, (name, arguments) in enumerate(said.calls)
    ]
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "scripted",
        "content": content,
        "stop_reason": "refusal" if said.refusal else _end("anthropic", said),
        "stop_sequence": None,
        "usage": {"input_tokens": 36, "output_tokens": 20, "cache_read_input_tokens": 64},
    }


def _gemini(said: ModelAnswer) -> Rendered:
    words = said.refusal or said.content
    parts: list[Rendered] = [] if words is None else [{"text": words}]
    parts += [{"functionCall": {"name": name, "args": arguments}} for name, arguments in said.calls]
    candidate: Rendered = {"content": {"role": "model", "parts": parts}, "index": 0}
    if stop := "SAFETY" if said.refusal else _end("gemini", said):
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


def _end(spoken: str, said: ModelAnswer) -> str | None:
    return said.end and STOP_REASONS[spoken].get(said.end, said.end)


def _text(arguments: Mapping[str, Any] | str) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments)


_WRITERS: dict[str, Callable[[ModelAnswer], Rendered]] = {
    "chat": _chat,
    "responses": _responses,
    "converse": _converse,
    "anthropic": _anthropic,
    "gemini": _gemini,
}
