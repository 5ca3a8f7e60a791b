"""ChatBedrockConverse as this project needs it: no retries, errors in our words."""

from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from langchain_aws import ChatBedrockConverse
from langchain_core.outputs import ChatResult
from pydantic import Field

from coursewright.agents.errors import AnswerUnreadable, from_botocore
from coursewright.agents.models import ModelEntry
from coursewright.domain.model_call import Usage


class _Chat(ChatBedrockConverse):
    entry: ModelEntry = Field(exclude=True)

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        try:
            return super()._generate(*args, **kwargs)
        except (ClientError, BotoCoreError) as error:
            raise from_botocore(error, self.entry) from error
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            problem = f"{self.entry.id} sent no completion: {error}"[:300]
            raise AnswerUnreadable(problem, raw="", usage=Usage()) from error


def build_bedrock(entry: ModelEntry, *, timeout_seconds: float) -> ChatBedrockConverse:
    """Build the client of a Bedrock model; the function's role is its key."""
    return _Chat(
        entry=entry,
        model_id=entry.name,
        temperature=entry.temperature,
        max_tokens=entry.max_output_tokens,
        endpoint_url=entry.base_url or None,
        config=Config(
            connect_timeout=min(10.0, timeout_seconds),
            read_timeout=timeout_seconds,
            retries={"total_max_attempts": 1},
        ),
    )
