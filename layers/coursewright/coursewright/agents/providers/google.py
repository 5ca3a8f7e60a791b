"""ChatGoogleGenerativeAI as this project needs it: no retries, nothing from the environment."""

from typing import Any

import httpx
from google.genai.errors import APIError
from langchain_core.outputs import ChatResult
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_google_genai._common import GoogleGenerativeAIError
from pydantic import ConfigDict, Field, SecretStr

from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.providers.error_mapping import UNREADABLE, translate_provider_error
from coursewright.agents.providers.responses import dig
from coursewright.agents.providers.transport import ResponseInvalid, Transport
from coursewright.domain.errors import ModelRefused

GEMINI = "https://generativelanguage.googleapis.com"
NO_KEY = "no-key-needed"  # the client refuses an empty one
KINDS = (APIError, GoogleGenerativeAIError, httpx.HTTPError, ResponseInvalid, *UNREADABLE)


class _Chat(ChatGoogleGenerativeAI):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    entry: ModelEntry = Field(exclude=True)
    wire: Transport = Field(exclude=True)
    secret: SecretStr = Field(exclude=True)

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        secret = self.secret.get_secret_value()
        with translate_provider_error(self.entry, self.wire, KINDS, secret=secret):
            result = super()._generate(*args, **kwargs)
        document = self.wire.answer.document if self.wire.answer else {}
        if reason := dig(document, "promptFeedback", "blockReason"):
            raise ModelRefused(f"{self.entry.id} declines this task: {reason}"[:300])
        return result


def build_google(entry: ModelEntry, key: str, wire: Transport) -> ChatGoogleGenerativeAI:
    """Build the client of a Gemini model."""
    address = entry.base_url or GEMINI
    return _Chat(
        entry=entry,
        wire=wire,
        secret=SecretStr(key),
        model=entry.name,
        google_api_key=SecretStr(key or NO_KEY),
        vertexai=False,  # not GOOGLE_GENAI_USE_VERTEXAI of the environment
        base_url=address,
        temperature=entry.temperature,  # None is none: unsaid, this client asks for 0.7
        max_output_tokens=entry.max_output_tokens,
        timeout=wire.timeout_seconds,
        max_retries=1,  # this client counts the first try
        additional_headers={"Connection": "close"},  # one call a client: no socket stays open
        client_args=wire.httpx_arguments(address),
    )
