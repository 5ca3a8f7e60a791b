"""The client for OpenAI and compatible servers: no retries, no settings from the environment."""

from typing import Any, ClassVar

import httpx2
import openai
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.providers.error_mapping import PARSING_ERRORS
from coursewright.agents.providers.guarded_chat import CLOSE_CONNECTION, NO_KEY, GuardedChat
from coursewright.agents.providers.schema_lowering import OPENAI_CHECKS
from coursewright.agents.providers.transport import ResponseInvalid, Transport


class _Chat(GuardedChat, ChatOpenAI):
    error_types = (openai.OpenAIError, httpx2.HTTPError, ResponseInvalid, *PARSING_ERRORS)
    schema_checks = OPENAI_CHECKS
    strict_settings: ClassVar[dict[str, Any]] = {"strict": True, "parallel_tool_calls": False}

    def format_settings(self, response_format: dict[str, Any]) -> dict[str, Any]:
        """Return the format in `extra_body`.

        With a named argument, the client would parse the answer itself and raise its own errors for
        refusals and incomplete answers.
        """
        if self.entry.api == "chat":
            return {"extra_body": {"response_format": response_format}}
        flat = {"type": response_format["type"]} | response_format.get("json_schema", {})
        return {"extra_body": {"text": {"format": flat}}}

    def _check(self, result: ChatResult) -> None:
        if not result.generations:
            raise ValueError("there are no choices")


def build_openai(entry: ModelEntry, key: str, transport: Transport) -> ChatOpenAI:
    """Build the client for an OpenAI model or for any server with a compatible API."""
    base_url = entry.endpoint_url
    httpx_arguments = transport.httpx_arguments(base_url)
    httpx_arguments["event_hooks"]["request"].append(_remove_account_headers)
    is_responses = entry.api == "responses"
    return _Chat(
        entry=entry,
        call_transport=transport,
        model=entry.name,
        api_key=SecretStr(key or NO_KEY),
        base_url=base_url,
        temperature=entry.temperature,
        max_completion_tokens=entry.max_output_tokens,
        timeout=transport.timeout_seconds,
        max_retries=0,
        use_responses_api=is_responses,
        store=False if is_responses else None,  # by default the provider stores responses
        openai_proxy="",  # ignore OPENAI_PROXY
        output_version=None,  # ignore LC_OUTPUT_VERSION
        default_headers=CLOSE_CONNECTION,
        http_client=httpx2.Client(timeout=transport.timeout_seconds, **httpx_arguments),
        # Never used, but without it the client would build one and reload all authorities.
        http_async_client=httpx2.AsyncClient(verify=httpx_arguments["verify"], trust_env=False),
    )


def _remove_account_headers(request: Any) -> None:
    # The client takes them from OPENAI_ORG_ID and OPENAI_PROJECT_ID, not from the registry.
    for header in ("openai-organization", "openai-project"):
        request.headers.pop(header, None)
