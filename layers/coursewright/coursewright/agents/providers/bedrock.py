"""ChatBedrockConverse as this project needs it: no retries, errors in our words."""

import os
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from langchain_aws import ChatBedrockConverse
from langchain_core.outputs import ChatResult
from pydantic import ConfigDict, Field

from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.providers.error_mapping import UNREADABLE, translate_provider_error
from coursewright.agents.providers.transport import ResponseInvalid, Transport, is_loopback

KINDS = (ClientError, BotoCoreError, ResponseInvalid, *UNREADABLE)


class _Chat(ChatBedrockConverse):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    entry: ModelEntry = Field(exclude=True)
    wire: Transport = Field(exclude=True)

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        with translate_provider_error(self.entry, self.wire, KINDS):
            return super()._generate(*args, **kwargs)


def build_bedrock(entry: ModelEntry, wire: Transport) -> ChatBedrockConverse:
    """Build the client of a Bedrock model; the function's role is its key."""
    with translate_provider_error(entry, wire, KINDS):
        runtime = _runtime(entry, wire)
        return _Chat(
            entry=entry,
            wire=wire,
            model_id=entry.name,
            temperature=entry.temperature,
            max_tokens=entry.max_output_tokens,
            client=runtime,
            # The control plane is asked about such a profile only, and costs 0.1 s to get ready.
            bedrock_client=None if "application-inference-profile" in entry.name else runtime,
        )


def _runtime(entry: ModelEntry, wire: Transport) -> Any:
    config = Config(
        connect_timeout=min(10.0, wire.timeout_seconds),
        read_timeout=wire.timeout_seconds,
        retries={"total_max_attempts": 1},
        proxies={} if is_loopback(entry.base_url) else None,
    )
    has_own = "AWS_CA_BUNDLE" in os.environ or "REQUESTS_CA_BUNDLE" in os.environ
    client = boto3.client(
        "bedrock-runtime",
        config=config,
        endpoint_url=entry.base_url or None,
        verify=None if has_own else os.environ.get("SSL_CERT_FILE") or None,
    )

    def sent(request: Any, **_: Any) -> None:
        wire.on_request(request)

    def received(response_dict: dict[str, Any], **_: Any) -> None:
        wire.keep(
            response_dict["status_code"], response_dict["headers"], response_dict["body"] or b""
        )

    client.meta.events.register("before-send.bedrock-runtime.*", sent)
    client.meta.events.register("before-parse.bedrock-runtime.*", received)
    return client
