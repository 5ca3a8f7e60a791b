"""ChatOpenAI as this project needs it: no retries, no surprises from the environment."""

import json
from typing import Any

import openai
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from pydantic import Field, SecretStr

from coursewright.agents.errors import AnswerUnreadable, from_openai
from coursewright.agents.models import ModelEntry
from coursewright.domain.model_call import Usage

OPENAI = "https://api.openai.com/v1"
NO_KEY = "no-key-needed"  # the client refuses an empty one
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)


class _Chat(ChatOpenAI):
    entry: ModelEntry = Field(exclude=True)
    secret: SecretStr = Field(exclude=True)

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        try:
            return super()._generate(*args, **kwargs)
        except openai.OpenAIError as error:
            secret = self.secret.get_secret_value()
            is_told = bool(secret) and secret in str(error)
            ours = from_openai(error, self.entry, secret=secret)
            raise ours from (None if is_told else error)
        except UNREADABLE as error:
            raise _unreadable(self.entry, str(error), {}) from error

    def _create_chat_result(
        self,
        response: dict[str, Any] | openai.BaseModel,
        generation_info: dict[str, Any] | None = None,
    ) -> ChatResult:
        """Keep what an unreadable answer costs: the response is gone one frame further up."""
        try:
            result = super()._create_chat_result(response, generation_info)
        except UNREADABLE as error:
            raise _unreadable(self.entry, str(error), response) from error
        if not result.generations:
            raise _unreadable(self.entry, "there are no choices", response)
        return result


def build_openai(entry: ModelEntry, key: str, *, timeout_seconds: float) -> ChatOpenAI:
    """Build the client of an OpenAI model or of any server that speaks the same language."""
    return _Chat(
        entry=entry,
        secret=SecretStr(key),
        model=entry.name,
        api_key=SecretStr(key or NO_KEY),
        base_url=entry.base_url or OPENAI,
        temperature=entry.temperature,
        max_completion_tokens=entry.max_output_tokens,
        timeout=timeout_seconds,
        max_retries=0,
        use_responses_api=False,
        include_response_headers=True,
        openai_proxy="",  # not OPENAI_PROXY of the environment
        output_version=None,  # not LC_OUTPUT_VERSION
        default_headers={"Connection": "close"},  # one call a client: no socket stays open
        http_client=openai.DefaultHttpxClient(
            trust_env=False, event_hooks={"request": [_forget_account]}
        ),
    )


def _forget_account(request: Any) -> None:
    # OPENAI_ORG_ID and OPENAI_PROJECT_ID of the environment are not part of an entry.
    for header in ("openai-organization", "openai-project"):
        request.headers.pop(header, None)


def _unreadable(
    entry: ModelEntry, problem: str, response: dict[str, Any] | openai.BaseModel
) -> AnswerUnreadable:
    said = f"{entry.id} sent no completion: {problem}"[:300]
    return AnswerUnreadable(said, raw=_raw(response), usage=_usage(response))


def _raw(response: dict[str, Any] | openai.BaseModel) -> str:
    if isinstance(response, openai.BaseModel):
        return json.dumps(response.model_dump(warnings=False), default=str)
    return str(response)


def _usage(response: dict[str, Any] | openai.BaseModel) -> Usage:
    counted = getattr(response, "usage", None)
    details = getattr(counted, "prompt_tokens_details", None)
    return Usage(
        input_tokens=getattr(counted, "prompt_tokens", None) or 0,
        cached_tokens=getattr(details, "cached_tokens", None) or 0,
        output_tokens=getattr(counted, "completion_tokens", None) or 0,
    )
