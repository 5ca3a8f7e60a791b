"""ChatAnthropic as this project needs it: no retries, no surprises from the environment."""

from functools import cached_property
from typing import Any

import anthropic
import httpx2
from langchain_anthropic import ChatAnthropic
from langchain_core.outputs import ChatResult
from pydantic import ConfigDict, Field, SecretStr

from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.providers.error_mapping import UNREADABLE, translate_provider_error
from coursewright.agents.providers.transport import ResponseInvalid, Transport

ANTHROPIC = "https://api.anthropic.com"
NO_KEY = "no-key-needed"  # without one the client looks for others in the environment
KINDS = (anthropic.AnthropicError, httpx2.HTTPError, ResponseInvalid, *UNREADABLE)


class _Chat(ChatAnthropic):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    entry: ModelEntry = Field(exclude=True)
    wire: Transport = Field(exclude=True)

    @cached_property
    def _client(self) -> anthropic.Client:
        address = self.entry.base_url or ANTHROPIC
        through = self.wire.httpx_arguments(address)
        return anthropic.Client(
            **self._client_params,
            # Not the SDK's own: that one goes through a proxy even to this machine.
            http_client=httpx2.Client(timeout=self.wire.timeout_seconds, **through),
        )

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        secret = self.anthropic_api_key.get_secret_value()
        with translate_provider_error(self.entry, self.wire, KINDS, secret=secret):
            return super()._generate(*args, **kwargs)


def build_anthropic(entry: ModelEntry, key: str, wire: Transport) -> ChatAnthropic:
    """Build the client of a Claude model on Anthropic's own API."""
    return _Chat(
        entry=entry,
        wire=wire,
        model=entry.name,
        api_key=SecretStr(key or NO_KEY),
        base_url=entry.base_url or ANTHROPIC,
        temperature=entry.temperature,
        max_tokens=entry.max_output_tokens,
        timeout=wire.timeout_seconds,
        max_retries=0,
        default_headers={"Connection": "close"},  # one call a client: no socket stays open
    )
