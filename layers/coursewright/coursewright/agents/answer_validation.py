"""Reads a model's whole answer before anything of it is used."""

import json
from typing import Any

from langchain_core.messages import AIMessage
from pydantic import ValidationError

from coursewright.agents.providers import responses
from coursewright.agents.toolsets import AgentService
from coursewright.domain.errors import ModelOutputInvalid, ModelRefused
from coursewright.domain.model_call import Usage

FINISHED = {"stop", "tool_calls", "function_call", "tool_use", "end_turn", "STOP", "completed"}
DECLINED = {
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
CUT = {
    "length",
    "max_tokens",
    "MAX_TOKENS",
    "max_output_tokens",
    "model_context_window_exceeded",
}
MALFORMED = {"MALFORMED_FUNCTION_CALL", "malformed_tool_use"}  # the provider's own finding
STOP_FIELDS = ("finish_reason", "stopReason", "stop_reason", "status")


def read_arguments(message: AIMessage, service: AgentService) -> dict[str, Any]:
    """Return the arguments of the one right call.

    Raises: ModelRefused or ModelOutputInvalid says in a sentence what is wrong.
    """
    require_finished(message)
    if message.invalid_tool_calls:
        raise ModelOutputInvalid(not_json(service))
    called = [call["name"] for call in message.tool_calls]
    if called != [service.tool_name]:
        made = ", ".join(called) or "none"
        raise ModelOutputInvalid(f"Expected one call of {service.tool_name}, got: {made[:200]}.")
    return checked(message.tool_calls[0]["args"], service)


def checked(arguments: dict[str, Any], service: AgentService) -> dict[str, Any]:
    """Return arguments that the schema accepts and that can be kept.

    Raises: ModelOutputInvalid names the first field that is wrong.
    """
    try:
        service.schema.model_validate(arguments)
        json.dumps(arguments, ensure_ascii=False, allow_nan=False).encode()
    except ValidationError as error:
        # Not chained: pydantic's own words quote the answer, and a failed step's trace is logged.
        raise ModelOutputInvalid(_first_problem(error)) from None
    except ValueError:
        raise ModelOutputInvalid("A value is no text or number that can be kept.") from None
    return arguments


def is_malformed(message: AIMessage, service: AgentService) -> bool:
    """Whether broken JSON in a single call is the answer's only fault, which is worth a repair."""
    stopped = stop_reason(message)
    if message.tool_calls or refusal(message):
        return False
    if stopped in MALFORMED:
        return not message.invalid_tool_calls
    broken = [call["name"] for call in message.invalid_tool_calls]
    return broken == [service.tool_name] and stopped in FINISHED


def is_call_malformed(document: dict[str, Any], service: AgentService) -> bool:
    """Say the same of an answer that its client could not read."""
    calls = responses.tool_calls(document)
    return (
        [call.name for call in calls] == [service.tool_name]
        and calls[0].is_malformed
        and responses.stop_reason(document) in FINISHED
    )


def not_json(service: AgentService) -> str:
    """Say what is wrong with a malformed answer."""
    return f"The arguments of {service.tool_name} are not valid JSON."


def refusal(message: AIMessage) -> str:
    """Return the words with which a model declines, where its format has a place for them."""
    blocks = message.content if isinstance(message.content, list) else []
    told = (one.get("refusal") for one in blocks if isinstance(one, dict))
    return str(message.additional_kwargs.get("refusal") or next(filter(None, told), ""))


def stop_reason(message: AIMessage) -> str:
    """Return the provider's word for why the answer ended."""
    facts = message.response_metadata
    if why := (facts.get("incomplete_details") or {}).get("reason"):
        return str(why)
    return next((str(facts[field]) for field in STOP_FIELDS if facts.get(field)), "")


def usage(message: AIMessage) -> Usage:
    """Return the tokens that the provider counted."""
    counted = message.usage_metadata
    if counted is None:
        return Usage()
    return Usage(
        input_tokens=counted["input_tokens"],
        cached_tokens=counted.get("input_token_details", {}).get("cache_read") or 0,
        output_tokens=counted["output_tokens"],
    )


def is_finished(message: AIMessage) -> bool:
    """Return whether the model said all it wanted to say, and did not decline."""
    return not refusal(message) and stop_reason(message) in FINISHED


def require_finished(message: AIMessage) -> None:
    """Refuse an answer that is declined or not whole.

    Raises: ModelRefused or ModelOutputInvalid.
    """
    stopped = stop_reason(message)
    declined = refusal(message)
    if declined or stopped in DECLINED:
        raise ModelRefused(f"The model declines this task: {declined or stopped}"[:300])
    if stopped in CUT:
        raise ModelOutputInvalid("The answer was cut off: it is longer than the model may write.")
    if stopped not in FINISHED:
        raise ModelOutputInvalid(f"The answer ended in an unknown way: {stopped or 'no reason'}.")


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "arguments"
    more = error.error_count() - 1
    return f"{field[:200]}: {first['msg']}" + (f" ({more} more problems)" if more else "") + "."
