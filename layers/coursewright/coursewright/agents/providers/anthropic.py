"""The client for Anthropic's API: no retries, no settings from the environment."""

from functools import cached_property
from typing import Any, ClassVar

import anthropic
import httpx2
from langchain_anthropic import ChatAnthropic
from pydantic import SecretStr

from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.providers.error_mapping import PARSING_ERRORS
from coursewright.agents.providers.guarded_chat import CLOSE_CONNECTION, NO_KEY, GuardedChat
from coursewright.agents.providers.schema_lowering import CLAUDE_CHECKS
from coursewright.agents.providers.transport import ResponseInvalid, Transport


class _Chat(GuardedChat, ChatAnthropic):
    error_types = (anthropic.AnthropicError, httpx2.HTTPError, ResponseInvalid, *PARSING_ERRORS)
    schema_checks = CLAUDE_CHECKS
    strict_settings: ClassVar[dict[str, Any]] = {"strict": True, "parallel_tool_calls": False}

    # The class has no parameter for an HTTP client, and its own default uses a proxy even for the
    # loopback interface and has neither our time limit nor our certificate authorities.
    @cached_property
    def _client(self) -> anthropic.Client:
        transport = self.call_transport
        httpx_arguments = transport.httpx_arguments(self.entry.endpoint_url)
        return anthropic.Client(
            **self._client_params,
            http_client=httpx2.Client(timeout=transport.timeout_seconds, **httpx_arguments),
        )


def build_anthropic(entry: ModelEntry, key: str, transport: Transport) -> ChatAnthropic:
    """Build the client for a Claude model on Anthropic's own API."""
    return _Chat(
        entry=entry,
        call_transport=transport,
        model=entry.name,
        api_key=SecretStr(key or NO_KEY),
        base_url=entry.endpoint_url,
        temperature=entry.temperature,
        max_tokens=entry.max_output_tokens,
        timeout=transport.timeout_seconds,
        max_retries=0,
        default_headers=CLOSE_CONNECTION,
    )
