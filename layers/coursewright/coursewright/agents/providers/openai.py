"""ChatOpenAI as this project needs it: no retries, no surprises from the environment."""

from typing import Any

import httpx2
import openai
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from pydantic import ConfigDict, Field, SecretStr

from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.providers.error_mapping import UNREADABLE, translate_provider_error
from coursewright.agents.providers.transport import ResponseInvalid, Transport

OPENAI = "https://api.openai.com/v1"
NO_KEY = "no-key-needed"  # the client refuses an empty one
KINDS = (openai.OpenAIError, httpx2.HTTPError, ResponseInvalid, *UNREADABLE)


class _Chat(ChatOpenAI):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    entry: ModelEntry = Field(exclude=True)
    wire: Transport = Field(exclude=True)
    secret: SecretStr = Field(exclude=True)

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        secret = self.secret.get_secret_value()
        with translate_provider_error(self.entry, self.wire, KINDS, secret=secret):
            result = super()._generate(*args, **kwargs)
            if not result.generations:
                raise ValueError("there are no choices")
            return result


def build_openai(entry: ModelEntry, key: str, wire: Transport) -> ChatOpenAI:
    """Build the client of an OpenAI model or of any server that speaks the same language."""
    address = entry.base_url or OPENAI
    through = wire.httpx_arguments(address)
    through["event_hooks"]["request"].append(_forget_account)
    is_responses = entry.api == "responses"
    return _Chat(
        entry=entry,
        wire=wire,
        secret=SecretStr(key),
        model=entry.name,
        api_key=SecretStr(key or NO_KEY),
        base_url=address,
        temperature=entry.temperature,
        max_completion_tokens=entry.max_output_tokens,
        timeout=wire.timeout_seconds,
        max_retries=0,
        use_responses_api=is_responses,
        store=False if is_responses else None,  # the provider keeps responses unless told not to
        openai_proxy="",  # not OPENAI_PROXY of the environment
        output_version=None,  # not LC_OUTPUT_VERSION
        default_headers={"Connection": "close"},  # one call a client: no socket stays open
        http_client=httpx2.Client(timeout=wire.timeout_seconds, **through),
        # Never used, but the client would make one that reads all certificate authorities anew.
        http_async_client=httpx2.AsyncClient(verify=through["verify"], trust_env=False),
    )


def _forget_account(request: Any) -> None:
    # OPENAI_ORG_ID and OPENAI_PROJECT_ID of the environment are not part of an entry.
    for header in ("openai-organization", "openai-project"):
        request.headers.pop(header, None)
