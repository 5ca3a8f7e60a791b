"""Reads a model's whole answer before anything of it is used."""

import json
from typing import Any

from langchain_core.messages import AIMessage
from pydantic import ValidationError

from coursewright.agents.services import AgentService
from coursewright.domain.errors import ModelOutputInvalid, ModelRefused
from coursewright.domain.model_call import Usage

FINISHED = {"stop", "tool_calls", "function_call", "tool_use", "end_turn", "STOP"}
DECLINED = {"content_filter", "content_filtered", "guardrail_intervened", "refusal", "SAFETY"}
CUT = {"length", "max_tokens", "MAX_TOKENS", "model_context_window_exceeded"}
STOP_FIELDS = ("finish_reason", "stopReason", "stop_reason")
REQUEST_ID_HEADERS = ("x-request-id", "x-amzn-requestid", "request-id")


def read_arguments(message: AIMessage, service: AgentService) -> dict[str, Any]:
    """Give the arguments of the one right call.

    Raises: ModelRefused or ModelOutputInvalid says in a sentence what is wrong.
    """
    _require_finished(message)
    if message.invalid_tool_calls:
        raise ModelOutputInvalid(f"The arguments of {service.tool_name} are not valid JSON.")
    called = [call["name"] for call in message.tool_calls]
    if called != [service.tool_name]:
        made = ", ".join(called) or "none"
        raise ModelOutputInvalid(f"Expected one call of {service.tool_name}, got: {made[:200]}.")
    arguments = message.tool_calls[0]["args"]
    try:
        service.schema.model_validate(arguments)
        json.dumps(arguments, ensure_ascii=False, allow_nan=False).encode()
    except ValidationError as error:
        raise ModelOutputInvalid(_first_problem(error)) from error
    except ValueError as error:
        raise ModelOutputInvalid(f"A value cannot be kept as text: {error}"[:300]) from error
    return arguments


def is_malformed(message: AIMessage, service: AgentService) -> bool:
    """Say whether all is well but for the JSON of the one call: the only fault worth a repair."""
    broken = [call["name"] for call in message.invalid_tool_calls]
    return (
        broken == [service.tool_name]
        and not message.tool_calls
        and not message.additional_kwargs.get("refusal")
        and stop_reason(message) in FINISHED
    )


def stop_reason(message: AIMessage) -> str:
    """Give the provider's word for why the answer ended."""
    facts = message.response_metadata
    return next((str(facts[field]) for field in STOP_FIELDS if facts.get(field)), "")


def request_id(message: AIMessage) -> str:
    """Give the provider's name for this call, for a question to its support."""
    facts = message.response_metadata
    headers = facts.get("headers") or facts.get("ResponseMetadata", {}).get("HTTPHeaders") or {}
    names = {str(name).lower(): str(value) for name, value in headers.items()}
    return next((names[one] for one in REQUEST_ID_HEADERS if one in names), "")


def usage(message: AIMessage) -> Usage:
    """Give the tokens that the provider counted."""
    counted = message.usage_metadata
    if counted is None:
        return Usage()
    return Usage(
        input_tokens=counted["input_tokens"],
        cached_tokens=counted.get("input_token_details", {}).get("cache_read") or 0,
        output_tokens=counted["output_tokens"],
    )


def raw_text(message: AIMessage) -> str:
    """Give all that the model said, for a person to read."""
    said = {
        "content": message.content,
        "tool_calls": message.tool_calls,
        "invalid_tool_calls": message.invalid_tool_calls,
        "refusal": message.additional_kwargs.get("refusal"),
        "stop_reason": stop_reason(message),
    }
    return json.dumps(said, default=str)


def _require_finished(message: AIMessage) -> None:
    stopped = stop_reason(message)
    refusal = message.additional_kwargs.get("refusal")
    if refusal or stopped in DECLINED:
        raise ModelRefused(f"The model declines this task: {refusal or stopped}"[:300])
    if stopped in CUT:
        raise ModelOutputInvalid("The answer was cut off: it is longer than the model may write.")
    if stopped not in FINISHED:
        raise ModelOutputInvalid(f"The answer ended in an unknown way: {stopped or 'no reason'}.")


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "arguments"
    more = error.error_count() - 1
    return f"{field[:200]}: {first['msg']}" + (f" ({more} more problems)" if more else "") + "."
