"""What a provider's failure means for the workflow.

    | what the provider says                                       | becomes             |
    |--------------------------------------------------------------|---------------------|
    | 429; Bedrock ThrottlingException                             | ModelThrottled      |
    | 429 insufficient_quota, 402, no credit; ServiceQuotaExceeded | ModelNotUsable      |
    | 408, 409, 425, 5xx, 529; Bedrock not ready, timed out        | ModelUnavailable    |
    | no connection, no answer in time, connection cut             | ModelUnavailable    |
    | 401, 403, a key that is no key; no AWS credentials           | ModelNotUsable      |
    | 404, 3xx and any other 4xx; Bedrock validation               | ModelNotUsable      |
    | 413, 400 of a prompt that is too long for the model          | ModelNotUsable      |
    | 400 content_filter, invalid_prompt; a blocked prompt         | ModelRefused        |
    | 200 with an error of the provider inside                     | as its own status   |
    | 200 that is no completion, no UTF-8, larger than 4 MB        | ModelOutputInvalid  |

ModelThrottled and ModelUnavailable are retried, by the workflow and by nobody else. OpenAI's two
formats, Anthropic and Gemini are read off the wire, so that no client's own classes matter; AWS
names its failures itself.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)
from botocore.exceptions import ConnectionError as AwsConnectionError

from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.providers.responses import dig
from coursewright.agents.providers.transport import (
    HttpResponse,
    ResponseInvalid,
    ResponseTimeout,
    Transport,
)
from coursewright.domain.errors import (
    ModelError,
    ModelNotUsable,
    ModelOutputInvalid,
    ModelRefused,
    ModelThrottled,
    ModelUnavailable,
)

UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)
REFUSING_CODES = {"content_filter", "content_policy_violation", "invalid_prompt"}
SPENT_CODES = {"insufficient_quota", "billing_hard_limit_reached", "billing_error"}
SPENT_WORDS = ("credit balance", "perday")  # of Anthropic, and of a quota of Gemini
KEY_CODES = {"api_key_invalid", "invalid_api_key", "authentication_error", "unauthenticated"}
LONG_CODES = {"context_length_exceeded", "string_above_max_length", "request_too_large"}
LONG_WORDS = (
    "prompt is too long",
    "maximum context length",
    "context window",
    "maximum number of tokens",
    "input is too long",
)
THROTTLING_CODES = {"rate_limit_exceeded", "rate_limit_error", "resource_exhausted"}
PASSING_CODES = {"server_error", "api_error", "overloaded_error", "unavailable", "internal"}
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


@contextmanager
def translate_provider_error(
    entry: ModelEntry, wire: Transport, kinds: tuple[type[Exception], ...], *, secret: str = ""
) -> Iterator[None]:
    """Return our name to whatever goes wrong in one call.

    The client's own errors and warnings may quote key, prompt or answer, and would be logged: an
    error is not chained, a warning is not shown.
    """
    wire.begin()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except kinds as error:
        raise explained(error, entry, wire, secret=secret) from None


def explained(
    error: Exception, entry: ModelEntry, wire: Transport, *, secret: str = ""
) -> ModelError:
    """Return our name for what the wire shows of a failed call, without the key."""
    if wire.broken is not None:
        return _of_broken(wire.broken, entry)
    if isinstance(error, (ClientError, BotoCoreError)):
        return from_botocore(error, entry)
    said = _short(f"{type(error).__name__}: {error}", secret)
    if wire.answer is None and wire.is_sent:
        why = _short(str(_root(error)), secret)
        return ModelUnavailable(f"{entry.id} cannot be reached or did not answer in time: {why}")
    if wire.answer is None:
        return ModelNotUsable(f"{entry.id}: no request can be made of this task: {said}")
    failure = Failure(wire.answer, secret)
    if not failure.status and not failure.codes:
        return AnswerUnreadable(f"{entry.id} sent no completion: {said}")
    return _named(failure, entry)


def _of_broken(broken: ResponseInvalid, entry: ModelEntry) -> ModelError:
    if isinstance(broken, ResponseTimeout):
        return ModelUnavailable(f"{entry.id}: {broken}")
    return AnswerUnreadable(f"{entry.id} sent no completion: {broken}")


class Failure:
    """What the provider says of a failed call: a status, its own codes, and a sentence."""

    def __init__(self, answer: HttpResponse, secret: str) -> None:
        told = answer.document.get("error")
        whole = told if isinstance(told, dict) else {}
        given = [whole.get(name) for name in ("code", "type", "status")]
        given += [dig(detail, "reason") for detail in whole.get("details") or []]
        self.codes = {one.lower() for one in given if isinstance(one, str)}
        numbers = [one for one in given if isinstance(one, int)]
        self.status = answer.status if answer.status >= 300 else next(iter(numbers), 0)
        words = whole.get("message") or told or answer.document.get("message") or answer.text
        self.said = _short(str(words), secret)
        self._all = answer.text.lower()

    def is_told(self, codes: set[str], words: tuple[str, ...] = ()) -> bool:
        """Return whether one of these codes, or of these words, is there."""
        return bool(codes & self.codes) or any(one in self._all for one in words)


def _named(failure: Failure, entry: ModelEntry) -> ModelError:
    status, said = failure.status, failure.said
    if status == 402 or failure.is_told(SPENT_CODES, SPENT_WORDS):
        return ModelNotUsable(f"{entry.id}: the account's quota is used up. Top it up: {said}")
    if status == 429 or failure.is_told(THROTTLING_CODES):
        return ModelThrottled(f"{entry.id} asks to slow down: {said}")
    if status in PASSING_STATUSES or status >= 500 or failure.is_told(PASSING_CODES):
        return ModelUnavailable(f"{entry.id} answered with status {status or 'failed'}: {said}")
    if failure.is_told(REFUSING_CODES):
        codes = ", ".join(sorted(REFUSING_CODES & failure.codes))
        return ModelRefused(f"{entry.id} declines this task ({codes}): {said}")
    return _not_usable(failure, entry)


def _not_usable(failure: Failure, entry: ModelEntry) -> ModelError:
    status, said = failure.status, failure.said
    if status in (401, 403) or failure.is_told(KEY_CODES):
        return _key_refused(entry)
    if status == 404:
        return ModelNotUsable(f"{entry.id}: the provider has no model {entry.name}: {said}")
    if status == 413 or failure.is_told(LONG_CODES, LONG_WORDS):
        return ModelNotUsable(f"{entry.id}: lesson and task are too long for this model: {said}")
    if status >= 300:
        return ModelNotUsable(f"{entry.id}: the request is refused with status {status}: {said}")
    return AnswerUnreadable(f"{entry.id} sent no completion: {said}")


def missing_key(entry: ModelEntry) -> ModelNotUsable:
    """Say which key to set before a model can be called."""
    return ModelNotUsable(
        f"{entry.id} needs a key. Set {entry.key} (locally) or put it into the secret "
        f"with the model keys under the name {entry.key}."
    )


def _key_refused(entry: ModelEntry) -> ModelNotUsable:
    # The provider's own words often repeat parts of the key, so they are left out.
    if not entry.key:
        return ModelNotUsable(f"{entry.id}: the provider wants a key, the registry names none.")
    return ModelNotUsable(
        f"{entry.id}: the provider does not accept the key {entry.key}. Set a valid {entry.key} "
        "(locally) or mend it in the secret with the model keys."
    )


def from_botocore(error: ClientError | BotoCoreError, entry: ModelEntry) -> ModelError:
    """Return our name for an exception of the AWS client."""
    if isinstance(error, (NoCredentialsError, PartialCredentialsError, NoRegionError)):
        return ModelNotUsable(f"{entry.id} needs AWS credentials and a region: {error}")
    if isinstance(error, (HTTPClientError, AwsConnectionError)):
        return ModelUnavailable(f"{entry.id} cannot be reached or did not answer: {error}")
    if isinstance(error, ClientError):
        return _from_bedrock(error, entry)
    return ModelNotUsable(f"{entry.id}: {error}")


def _from_bedrock(error: ClientError, entry: ModelEntry) -> ModelError:
    told = error.response.get("Error", {})
    code, said = told.get("Code", ""), _short(told.get("Message") or str(error))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in PASSING or status in PASSING_STATUSES or status >= 500:
        return ModelUnavailable(f"{entry.id} answered with {code}: {said}")
    if code in THROTTLING or status == 429:
        return ModelThrottled(f"{entry.id} asks to slow down: {said}")
    if code in UNKNOWN_TO_AWS:
        return ModelNotUsable(
            f"{entry.id}: this account or role may not call {entry.name}. Ask for access to the "
            f"model and allow bedrock:InvokeModel: {said}"
        )
    if any(words in said.lower() for words in LONG_WORDS):
        return ModelNotUsable(f"{entry.id}: lesson and task are too long for this model: {said}")
    return ModelNotUsable(f"{entry.id}: {code}: {said}")


def _root(error: BaseException) -> BaseException:
    # Clients say "Connection error." of a wrong certificate, a wrong name and a closed port alike.
    below = error.__cause__ or error.__context__
    return error if below is None or not str(below) else _root(below)


def _short(words: str, secret: str = "") -> str:
    told = words.replace(secret, "…") if secret else words
    return " ".join(told.split())[:300]
