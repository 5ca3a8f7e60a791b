"""What a provider's exception means for the workflow.

    | what the provider says                              | becomes             |
    |-----------------------------------------------------|---------------------|
    | 429; Bedrock ThrottlingException                    | ModelThrottled      |
    | 429 insufficient_quota; ServiceQuotaExceeded        | ModelNotUsable      |
    | 408, 409, 425, 5xx; Bedrock not ready, timed out    | ModelUnavailable    |
    | no connection, no answer in time, connection cut    | ModelUnavailable    |
    | 401, 403; no or foreign AWS credentials             | ModelNotUsable      |
    | 404, 402 and any other 4xx; Bedrock validation      | ModelNotUsable      |
    | 400 context_length_exceeded                         | ModelNotUsable      |
    | 400 content_filter, invalid_prompt                  | ModelRefused        |
    | 200 that is no completion                           | ModelOutputInvalid  |

ModelThrottled and ModelUnavailable are retried, by the workflow and by nobody else.
"""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)
from botocore.exceptions import ConnectionError as AwsConnectionError
from langchain_core.exceptions import (
    ContextOverflowError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelNotFoundError,
    ModelPermissionDeniedError,
    ModelRateLimitError,
    ModelTimeoutError,
)

from coursewright.agents.models import ModelEntry
from coursewright.domain.errors import (
    ModelError,
    ModelNotUsable,
    ModelOutputInvalid,
    ModelRefused,
    ModelThrottled,
    ModelUnavailable,
)
from coursewright.domain.model_call import Usage

REFUSING_CODES = {"content_filter", "content_policy_violation", "invalid_prompt"}
SPENT_CODES = {"insufficient_quota", "billing_hard_limit_reached"}
PASSING_STATUSES = {408, 409, 425}
THROTTLING = {"ThrottlingException", "TooManyRequestsException"}
PASSING = {
    "InternalServerException",
    "ModelErrorException",
    "ModelNotReadyException",
    "ModelTimeoutException",
    "ServiceUnavailableException",
}
UNKNOWN_TO_AWS = {
    "AccessDeniedException",
    "ExpiredTokenException",
    "InvalidSignatureException",
    "UnrecognizedClientException",
}


class AnswerUnreadable(ModelOutputInvalid):
    """The provider answered with something that is no completion, and may charge for it."""

    def __init__(self, problem: str, *, raw: str, usage: Usage) -> None:
        super().__init__(problem)
        self.raw = raw
        self.usage = usage


def missing_key(entry: ModelEntry) -> ModelNotUsable:
    """Say which key to set before a model can be called."""
    return ModelNotUsable(
        f"{entry.id} needs a key. Set {entry.key} (locally) or put it into the secret "
        f"with the model keys under the name {entry.key}."
    )


def from_openai(error: Exception, entry: ModelEntry, *, secret: str) -> ModelError:
    """Give our name for an exception of the OpenAI client, without the key that it may repeat."""
    said = _said(error).replace(secret, "…") if secret else _said(error)
    code = getattr(error, "code", None)
    status = getattr(error, "status_code", None) or 0
    if isinstance(error, (ModelConnectionError, ModelTimeoutError)):
        return ModelUnavailable(f"{entry.id} cannot be reached or did not answer in time: {said}")
    if code in SPENT_CODES:
        return ModelNotUsable(f"{entry.id}: the account's quota is used up. Top it up: {said}")
    if isinstance(error, ModelRateLimitError):
        return ModelThrottled(f"{entry.id} asks to slow down: {said}")
    if isinstance(error, ModelAPIError) or status in PASSING_STATUSES or status >= 500:
        return ModelUnavailable(f"{entry.id} answered with status {status}: {said}")
    if code in REFUSING_CODES:
        return ModelRefused(f"{entry.id} declines this task ({code})")
    return _not_usable(error, entry, status, said)


def _not_usable(error: Exception, entry: ModelEntry, status: int, said: str) -> ModelError:
    if isinstance(error, (ModelAuthenticationError, ModelPermissionDeniedError)):
        return _key_refused(entry)
    if isinstance(error, ModelNotFoundError):
        return ModelNotUsable(f"{entry.id}: the provider has no model {entry.name}: {said}")
    if isinstance(error, ContextOverflowError):
        return ModelNotUsable(f"{entry.id}: lesson and task are too long for this model: {said}")
    if 400 <= status < 500:
        return ModelNotUsable(f"{entry.id}: the request is refused with status {status}: {said}")
    return AnswerUnreadable(f"{entry.id} sent no completion: {said}", raw=said, usage=Usage())


def _key_refused(entry: ModelEntry) -> ModelNotUsable:
    # The provider's own words often repeat parts of the key, so they are left out.
    if not entry.key:
        return ModelNotUsable(f"{entry.id}: the provider wants a key, the registry names none.")
    return ModelNotUsable(
        f"{entry.id}: the provider does not accept the key {entry.key}. Set a valid {entry.key} "
        "(locally) or mend it in the secret with the model keys."
    )


def from_botocore(error: ClientError | BotoCoreError, entry: ModelEntry) -> ModelError:
    """Give our name for an exception of the AWS client."""
    if isinstance(error, (NoCredentialsError, PartialCredentialsError, NoRegionError)):
        return ModelNotUsable(f"{entry.id} needs AWS credentials and a region: {error}")
    if isinstance(error, (HTTPClientError, AwsConnectionError)):
        return ModelUnavailable(f"{entry.id} cannot be reached or did not answer: {error}")
    if isinstance(error, ClientError):
        return _from_bedrock(error, entry)
    return ModelNotUsable(f"{entry.id}: {error}")


def _from_bedrock(error: ClientError, entry: ModelEntry) -> ModelError:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    said = _said(error)
    if code in THROTTLING:
        return ModelThrottled(f"{entry.id} asks to slow down: {said}")
    if code in PASSING or status >= 500:
        return ModelUnavailable(f"{entry.id} answered with {code}: {said}")
    if code in UNKNOWN_TO_AWS:
        return ModelNotUsable(
            f"{entry.id}: this account or role may not call {entry.name}. Ask for access to the "
            f"model and allow bedrock:InvokeModel: {said}"
        )
    return ModelNotUsable(f"{entry.id}: {code}: {said}")


def _said(error: Exception) -> str:
    words = getattr(error, "message", None) or str(error) or type(error).__name__
    return " ".join(str(words).split())[:300]
