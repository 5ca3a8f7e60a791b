"""Maps provider failures to errors that the workflow handles.

    | the provider's response                                      | becomes             |
    |--------------------------------------------------------------|---------------------|
    | 429; Bedrock ThrottlingException                             | ModelThrottled      |
    | 429 insufficient_quota, 402, no credit; ServiceQuotaExceeded | ModelNotUsable      |
    | 408, 409, 425, 5xx, 529; Bedrock not ready, timed out        | ModelUnavailable    |
    | no connection, no response in time, connection lost          | ModelUnavailable    |
    | 401, 403, an invalid key; no AWS credentials                 | ModelNotUsable      |
    | 404, 3xx and any other 4xx; Bedrock validation               | ModelNotUsable      |
    | 413, 400 for a prompt that is too long for the model         | ModelNotUsable      |
    | 400 content_filter, invalid_prompt; a blocked prompt         | ModelRefused        |
    | 200 with a provider error inside                             | as its own status   |
    | 200 without a completion, not UTF-8, larger than 4 MB        | ModelOutputInvalid  |

Only the workflow retries ModelThrottled and ModelUnavailable. Both OpenAI formats, Anthropic and
Gemini are classified by the raw HTTP response, not by their clients' exception classes; `bedrock`
classifies botocore's exceptions.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from coursewright.agents.model_registry import ModelEntry
from coursewright.agents.providers.responses import get_nested
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

PARSING_ERRORS = (ValueError, LookupError, TypeError, AttributeError)
REFUSAL_CODES = {"content_filter", "content_policy_violation", "invalid_prompt"}
QUOTA_CODES = {"insufficient_quota", "billing_hard_limit_reached", "billing_error"}
QUOTA_PHRASES = ("credit balance", "perday")  # Anthropic's, and the id of a daily Gemini quota
KEY_CODES = {"api_key_invalid", "invalid_api_key", "authentication_error", "unauthenticated"}
TOO_LONG_CODES = {"context_length_exceeded", "string_above_max_length", "request_too_large"}
TOO_LONG_PHRASES = (
    "prompt is too long",
    "maximum context length",
    "context window",
    "maximum number of tokens",
    "input is too long",
)
THROTTLING_CODES = {"rate_limit_exceeded", "rate_limit_error", "resource_exhausted"}
TRANSIENT_CODES = {"server_error", "api_error", "overloaded_error", "unavailable", "internal"}
TRANSIENT_STATUSES = {408, 409, 425}
MAX_MESSAGE_CHARS = 300

ClassifyClientError = Callable[[Exception, ModelEntry], ModelError | None]


class AnswerUnreadable(ModelOutputInvalid):
    """The provider's response is not a completion; it may still be charged."""


def _leave_unclassified(error: Exception, entry: ModelEntry) -> ModelError | None:
    return None


@contextmanager
def translate_provider_error(
    entry: ModelEntry,
    transport: Transport,
    error_types: tuple[type[Exception], ...],
    *,
    classify: ClassifyClientError = _leave_unclassified,
) -> Iterator[None]:
    """Translate a client's exceptions into our own error types.

    The client's exceptions and warnings would be logged, and they may quote the key, the prompt or
    the answer. Exceptions are therefore not chained, and warnings are suppressed.
    """
    transport.begin_call()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except error_types as error:
        raise _to_model_error(error, entry, transport, classify) from None


def _to_model_error(
    error: Exception, entry: ModelEntry, transport: Transport, classify: ClassifyClientError
) -> ModelError:
    if transport.failure is not None:
        return _from_invalid_response(transport.failure, entry)
    if classified := classify(error, entry):
        return classified
    if transport.response is None and transport.is_sent:
        cause = shorten(transport.redact(str(_root_cause(error))))
        return ModelUnavailable(f"{entry.id} cannot be reached or did not respond in time: {cause}")
    error_text = shorten(transport.redact(f"{type(error).__name__}: {error}"))
    if transport.response is None:
        return ModelNotUsable(f"{entry.id}: the request could not be built: {error_text}")
    failure = ProviderFailure(transport.response)
    if not failure.status and not failure.codes:
        return AnswerUnreadable(f"{entry.id} returned no completion: {error_text}")
    return _classify(failure, entry)


def _from_invalid_response(failure: ResponseInvalid, entry: ModelEntry) -> ModelError:
    if isinstance(failure, ResponseTimeout):
        return ModelUnavailable(f"{entry.id}: {failure}")
    return AnswerUnreadable(f"{entry.id} returned no completion: {failure}")


class ProviderFailure:
    """A failed call as reported by the provider: status, codes and message."""

    def __init__(self, response: HttpResponse) -> None:
        error = response.document.get("error")
        fields = error if isinstance(error, dict) else {}
        values = [fields.get(name) for name in ("code", "type", "status")]
        values += [get_nested(detail, "reason") for detail in fields.get("details") or []]
        self.codes = {value.lower() for value in values if isinstance(value, str)}
        numbers = [value for value in values if isinstance(value, int)]
        self.status = response.status if response.status >= 300 else next(iter(numbers), 0)
        message = (
            fields.get("message") or error or response.document.get("message") or response.text
        )
        self.message = shorten(str(message))
        self._text = response.text.lower()

    def matches(self, codes: set[str], phrases: tuple[str, ...] = ()) -> bool:
        """Whether the failure has one of the codes or contains one of the phrases."""
        return bool(codes & self.codes) or any(phrase in self._text for phrase in phrases)


def _classify(failure: ProviderFailure, entry: ModelEntry) -> ModelError:
    status, message = failure.status, failure.message
    if status == 402 or failure.matches(QUOTA_CODES, QUOTA_PHRASES):
        return ModelNotUsable(f"{entry.id}: the account's quota is used up. Top it up: {message}")
    if status == 429 or failure.matches(THROTTLING_CODES):
        return ModelThrottled(f"{entry.id} is rate-limiting us: {message}")
    if status in TRANSIENT_STATUSES or status >= 500 or failure.matches(TRANSIENT_CODES):
        outcome = f"status {status}" if status else "an error"
        return ModelUnavailable(f"{entry.id} responded with {outcome}: {message}")
    if failure.matches(REFUSAL_CODES):
        codes = ", ".join(sorted(REFUSAL_CODES & failure.codes))
        return ModelRefused(f"{entry.id} refused this task ({codes}): {message}")
    return _classify_unusable(failure, entry)


def _classify_unusable(failure: ProviderFailure, entry: ModelEntry) -> ModelError:
    status, message = failure.status, failure.message
    if status in (401, 403) or failure.matches(KEY_CODES):
        return _rejected_key(entry)
    if status == 404:
        return ModelNotUsable(f"{entry.id}: the provider has no model {entry.name}: {message}")
    if status == 413 or failure.matches(TOO_LONG_CODES, TOO_LONG_PHRASES):
        return prompt_too_long(entry, message)
    if status >= 300:
        return ModelNotUsable(
            f"{entry.id}: the provider rejected the request with status {status}: {message}"
        )
    return AnswerUnreadable(f"{entry.id} returned no completion: {message}")


def prompt_too_long(entry: ModelEntry, message: str) -> ModelNotUsable:
    """Return the error for a prompt that exceeds the model's context window."""
    return ModelNotUsable(f"{entry.id}: lesson and task are too long for this model: {message}")


def missing_key(entry: ModelEntry) -> ModelNotUsable:
    """Return the error that names the key needed to call the model."""
    return ModelNotUsable(
        f"{entry.id} needs a key. Set {entry.key} (locally), or add it to the secret "
        f"with the model keys under the name {entry.key}."
    )


def _rejected_key(entry: ModelEntry) -> ModelNotUsable:
    # The provider's message often quotes part of the key, so it is left out.
    if not entry.key:
        return ModelNotUsable(
            f"{entry.id}: the provider requires a key, but the registry entry names none."
        )
    return ModelNotUsable(
        f"{entry.id}: the provider rejected the key {entry.key}. Set a valid {entry.key} "
        "(locally), or correct it in the secret with the model keys."
    )


def shorten(text: str) -> str:
    """Return the text on one line, cut to a length that fits into an error."""
    return " ".join(text.split())[:MAX_MESSAGE_CHARS]


def _root_cause(error: BaseException) -> BaseException:
    # Clients report "Connection error." for a bad certificate, a wrong name and a closed port.
    cause = error.__cause__ or error.__context__
    return error if cause is None or not str(cause) else _root_cause(cause)
