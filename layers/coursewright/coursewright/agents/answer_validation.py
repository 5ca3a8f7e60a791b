"""Validates a model's complete answer before any of it is used."""

import json
from typing import Any

from langchain_core.messages import AIMessage
from pydantic import ValidationError

from coursewright.agents.providers import responses
from coursewright.agents.toolsets import AgentService
from coursewright.domain.errors import ModelOutputInvalid, ModelRefused
from coursewright.domain.model_call import Usage

FINISHED = {"stop", "tool_calls", "function_call", "tool_use", "end_turn", "STOP", "completed"}
REFUSED = {
    "content_filter",
    "content_filtered",
    "guardrail_intervened",
    "refusal",
    "SAFETY",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "RECITATION",
    "SPII",
}
TRUNCATED = {
    "length",
    "max_tokens",
    "MAX_TOKENS",
    "max_output_tokens",
    "model_context_window_exceeded",
}
MALFORMED = {"MALFORMED_FUNCTION_CALL", "malformed_tool_use"}  # detected by the provider
STOP_REASON_FIELDS = ("finish_reason", "stopReason", "stop_reason", "status")
MAX_REFUSAL_CHARS = 300
MAX_NAME_CHARS = 200


def read_arguments(message: AIMessage, service: AgentService) -> dict[str, Any]:
    """Return the valid arguments of the single expected call.

    Raises: ModelRefused or ModelOutputInvalid, with a sentence describing the problem.
    """
    require_finished(message)
    if message.invalid_tool_calls:
        raise ModelOutputInvalid(invalid_json_message(service))
    names = [call["name"] for call in message.tool_calls]
    if names != [service.tool_name]:
        actual = ", ".join(names) or "none"
        raise ModelOutputInvalid(
            f"Expected one call of {service.tool_name}, got: {actual[:MAX_NAME_CHARS]}."
        )
    return validate_arguments(message.tool_calls[0]["args"], service)


def validate_arguments(arguments: dict[str, Any], service: AgentService) -> dict[str, Any]:
    """Validate the arguments against the schema and check that they can be serialised.

    Raises: ModelOutputInvalid, naming the first invalid field.
    """
    try:
        service.schema.model_validate(arguments)
        json.dumps(arguments, ensure_ascii=False, allow_nan=False).encode()
    except ValidationError as error:
        # Not chained: pydantic's message quotes the answer, and a failed step's trace is logged.
        raise ModelOutputInvalid(_describe_first_error(error)) from None
    except ValueError:
        raise ModelOutputInvalid("A value is text or a number that cannot be stored.") from None
    return arguments


def is_malformed(message: AIMessage, service: AgentService) -> bool:
    """Whether the single call's invalid JSON is the only fault, which justifies a second call."""
    reason = stop_reason(message)
    if message.tool_calls or refusal(message):
        return False
    if reason in MALFORMED:
        return not message.invalid_tool_calls
    invalid = [call["name"] for call in message.invalid_tool_calls]
    return invalid == [service.tool_name] and reason in FINISHED


def is_call_malformed(document: dict[str, Any], service: AgentService) -> bool:
    """Whether a response that the client could not parse counts as malformed."""
    calls = responses.tool_calls(document)
    return (
        [call.name for call in calls] == [service.tool_name]
        and calls[0].is_malformed
        and responses.stop_reason(document) in FINISHED
    )


def invalid_json_message(service: AgentService) -> str:
    """Return the error message for a malformed answer."""
    return f"The arguments of {service.tool_name} are not valid JSON."


def refusal(message: AIMessage) -> str:
    """Return the model's refusal if its format has a field for it, else an empty string."""
    blocks = message.content if isinstance(message.content, list) else []
    refusals = (block.get("refusal") for block in blocks if isinstance(block, dict))
    return str(message.additional_kwargs.get("refusal") or next(filter(None, refusals), ""))


def stop_reason(message: AIMessage) -> str:
    """Return the provider's stop reason."""
    metadata = message.response_metadata
    if reason := (metadata.get("incomplete_details") or {}).get("reason"):
        return str(reason)
    return next((str(metadata[field]) for field in STOP_REASON_FIELDS if metadata.get(field)), "")


def usage(message: AIMessage, document: dict[str, Any]) -> Usage:
    """Return the token usage, taken from the raw response if the client reports none.

    The clients miss the cached tokens of some compatible servers and of OpenAI's service tiers.
    """
    raw, counts = responses.usage(document), message.usage_metadata
    if counts is None:
        return raw
    cached = counts.get("input_token_details", {}).get("cache_read")
    return Usage(
        input_tokens=counts["input_tokens"] or raw.input_tokens,
        cached_tokens=cached or raw.cached_tokens,
        output_tokens=counts["output_tokens"] or raw.output_tokens,
    )


def is_finished(message: AIMessage) -> bool:
    """Whether the answer is complete and not a refusal."""
    return not refusal(message) and stop_reason(message) in FINISHED


def require_finished(message: AIMessage) -> None:
    """Raise if the answer is a refusal or incomplete.

    Raises: ModelRefused or ModelOutputInvalid.
    """
    reason = stop_reason(message)
    refused = refusal(message)
    if refused or reason in REFUSED:
        raise ModelRefused(f"The model refused this task: {refused or reason}"[:MAX_REFUSAL_CHARS])
    if reason in TRUNCATED:
        raise ModelOutputInvalid("The answer was cut off at the model's output limit.")
    if reason not in FINISHED:
        raise ModelOutputInvalid(f"The answer has an unknown stop reason: {reason or 'none'}.")


def _describe_first_error(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "arguments"
    more = error.error_count() - 1
    suffix = f" (and {more} more)" if more else ""
    return f"{field[:MAX_NAME_CHARS]}: {first['msg']}{suffix}."
