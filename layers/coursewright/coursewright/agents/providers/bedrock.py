"""The client for Amazon Bedrock's Converse API: no retries, botocore's errors mapped to ours."""

import os
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)
from botocore.exceptions import ConnectionError as AwsConnectionError
from langchain_aws import ChatBedrockConverse

from coursewright.agents.endpoints import is_loopback
from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.providers.error_mapping import (
    PARSING_ERRORS,
    TOO_LONG_PHRASES,
    TRANSIENT_STATUSES,
    prompt_too_long,
    shorten,
    translate_provider_error,
)
from coursewright.agents.providers.guarded_chat import GuardedChat
from coursewright.agents.providers.schema_lowering import CLAUDE_CHECKS
from coursewright.agents.providers.transport import ResponseInvalid, Transport
from coursewright.domain.errors import (
    ModelError,
    ModelNotUsable,
    ModelThrottled,
    ModelUnavailable,
)

ERROR_TYPES = (ClientError, BotoCoreError, ResponseInvalid, *PARSING_ERRORS)
THROTTLING_CODES = {"ThrottlingException", "TooManyRequestsException"}
TRANSIENT_CODES = {
    "InternalServerException",
    "ModelErrorException",
    "ModelNotReadyException",
    "ModelTimeoutException",
    "ServiceUnavailableException",
}
ACCESS_CODES = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "InvalidSignatureException",
    "UnrecognizedClientException",
}


def from_botocore(error: Exception, entry: ModelEntry) -> ModelError | None:
    """Return our error for an exception from the AWS client, or None for any other exception."""
    if isinstance(error, (NoCredentialsError, PartialCredentialsError, NoRegionError)):
        return ModelNotUsable(f"{entry.id} needs AWS credentials and a region: {error}")
    if isinstance(error, (HTTPClientError, AwsConnectionError)):
        return ModelUnavailable(f"{entry.id} cannot be reached or did not respond: {error}")
    if isinstance(error, ClientError):
        return _from_client_error(error, entry)
    return ModelNotUsable(f"{entry.id}: {error}") if isinstance(error, BotoCoreError) else None


def _from_client_error(error: ClientError, entry: ModelEntry) -> ModelError:
    details = error.response.get("Error", {})
    code, message = details.get("Code", ""), shorten(details.get("Message") or str(error))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in TRANSIENT_CODES or status in TRANSIENT_STATUSES or status >= 500:
        return ModelUnavailable(f"{entry.id} responded with {code}: {message}")
    if code in THROTTLING_CODES or status == 429:
        return ModelThrottled(f"{entry.id} is rate-limiting us: {message}")
    if code in ACCESS_CODES:
        return ModelNotUsable(
            f"{entry.id}: this account or role may not call {entry.name}. Request access to the "
            f"model and allow bedrock:InvokeModel: {message}"
        )
    if any(phrase in message.lower() for phrase in TOO_LONG_PHRASES):
        return prompt_too_long(entry, message)
    return ModelNotUsable(f"{entry.id}: {code}: {message}")


class _Chat(GuardedChat, ChatBedrockConverse):
    error_types = ERROR_TYPES
    schema_checks = CLAUDE_CHECKS

    def _classify(self, error: Exception, entry: ModelEntry) -> ModelError | None:
        return from_botocore(error, entry)


def build_bedrock(entry: ModelEntry, transport: Transport) -> ChatBedrockConverse:
    """Build the client for a Bedrock model; the function's role authorises its calls."""
    with translate_provider_error(entry, transport, ERROR_TYPES, classify=from_botocore):
        runtime = _build_runtime_client(entry, transport)
        return _Chat(
            entry=entry,
            call_transport=transport,
            model_id=entry.name,
            temperature=entry.temperature,
            max_tokens=entry.max_output_tokens,
            client=runtime,
            # Only such profiles need the control plane, which takes 0.1 s to set up.
            bedrock_client=None if "application-inference-profile" in entry.name else runtime,
        )


def _build_runtime_client(entry: ModelEntry, transport: Transport) -> Any:
    config = Config(
        connect_timeout=min(10.0, transport.timeout_seconds),
        read_timeout=transport.timeout_seconds,
        retries={"total_max_attempts": 1},
        proxies={} if is_loopback(entry.base_url) else None,
    )
    has_aws_bundle = "AWS_CA_BUNDLE" in os.environ or "REQUESTS_CA_BUNDLE" in os.environ
    client = boto3.client(
        "bedrock-runtime",
        config=config,
        endpoint_url=entry.base_url or None,
        verify=None if has_aws_bundle else os.environ.get("SSL_CERT_FILE") or None,
    )

    def on_send(request: Any, **_: Any) -> None:
        transport.on_request(request)

    def on_receive(response_dict: dict[str, Any], **_: Any) -> None:
        transport.store_response(
            response_dict["status_code"], response_dict["headers"], response_dict["body"] or b""
        )

    client.meta.events.register("before-send.bedrock-runtime.*", on_send)
    client.meta.events.register("before-parse.bedrock-runtime.*", on_receive)
    return client
