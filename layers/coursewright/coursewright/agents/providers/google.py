"""The client for Gemini's API: no retries, no settings from the environment."""

from typing import Any

import httpx
from google.genai import types
from google.genai.errors import APIError
from langchain.agents.middleware import ModelRequest
from langchain_core.outputs import ChatResult
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_google_genai.chat_models import ChatGoogleGenerativeAIError
from pydantic import SecretStr

from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.providers.error_mapping import PARSING_ERRORS, shorten
from coursewright.agents.providers.guarded_chat import CLOSE_CONNECTION, NO_KEY, GuardedChat
from coursewright.agents.providers.responses import get_nested
from coursewright.agents.providers.schema_lowering import GEMINI_CHECKS
from coursewright.agents.providers.transport import ResponseInvalid, Transport
from coursewright.domain.errors import ModelRefused


class _Chat(GuardedChat, ChatGoogleGenerativeAI):
    error_types = (
        APIError,
        ChatGoogleGenerativeAIError,
        httpx.HTTPError,
        ResponseInvalid,
        *PARSING_ERRORS,
    )
    schema_checks = GEMINI_CHECKS

    def require_tool(self, request: ModelRequest[Any], choice: str) -> ModelRequest[Any]:
        """Declare the tools as Google's own types, since the client drops a bound tool's checks."""
        functions = [self.lowered_function(tool) for tool in request.tools]
        declarations = [
            types.FunctionDeclaration(
                name=function["name"],
                description=function["description"],
                parameters_json_schema=function["parameters"],
            )
            for function in functions
        ]
        tool = types.Tool(function_declarations=declarations)
        settings = request.model_settings | {"tools": [tool], "tool_choice": choice}
        return request.override(tools=[], model_settings=settings)

    def _check(self, result: ChatResult) -> None:
        document = self.call_transport.document
        if reason := get_nested(document, "promptFeedback", "blockReason"):
            raise ModelRefused(shorten(f"{self.entry.id} refused this task: {reason}"))


def build_google(entry: ModelEntry, key: str, transport: Transport) -> ChatGoogleGenerativeAI:
    """Build the client for a Gemini model."""
    base_url = entry.endpoint_url
    return _Chat(
        entry=entry,
        call_transport=transport,
        model=entry.name,
        google_api_key=SecretStr(key or NO_KEY),
        vertexai=False,  # ignore GOOGLE_GENAI_USE_VERTEXAI
        base_url=base_url,
        temperature=entry.temperature,  # None omits it; by default, the client sends 0.7
        max_output_tokens=entry.max_output_tokens,
        timeout=transport.timeout_seconds,
        max_retries=1,  # this client also counts the first attempt
        additional_headers=CLOSE_CONNECTION,
        client_args=transport.httpx_arguments(base_url),
    )
