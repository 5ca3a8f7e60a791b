"""Middleware between model and agent that validates and records an answer before it is used."""

from collections.abc import Callable
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain.agents.structured_output import StructuredOutputValidationError
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from coursewright.agents import answer_validation
from coursewright.agents.ledger import TaskLedger
from coursewright.agents.output_modes import OutputMode
from coursewright.agents.providers import responses
from coursewright.agents.providers.error_mapping import AnswerUnreadable
from coursewright.agents.providers.transport import Transport
from coursewright.domain.errors import ModelError, ModelOutputInvalid
from coursewright.domain.model_call import Usage

Handler = Callable[[ModelRequest[Any]], ModelResponse[Any]]


class AnswerMalformed(ModelOutputInvalid):
    """The answer's invalid JSON is its only fault, which justifies a second call."""


class ModelSettingsMiddleware(AgentMiddleware[Any, Any]):
    """Middleware that adds model settings to every request."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self._settings = settings

    def wrap_model_call(self, request: ModelRequest[Any], handler: Handler) -> ModelResponse[Any]:
        """Pass the request on with the settings added."""
        return handler(request.override(model_settings=request.model_settings | self._settings))


class LedgerMiddleware(AgentMiddleware[Any, Any]):
    """Middleware that records the model's answer in the ledger before the agent uses it."""

    def __init__(self, mode: OutputMode, ledger: TaskLedger, transport: Transport) -> None:
        super().__init__()
        self._mode, self._ledger, self._transport = mode, ledger, transport
        self.arguments: dict[str, Any] = {}

    def wrap_model_call(self, request: ModelRequest[Any], handler: Handler) -> ModelResponse[Any]:
        """Call the model under a lease, then validate and record the complete answer."""
        self._ledger.acquire_lease()
        try:
            message = self._call_with_retry(self._mode.prepare_request(request), handler)
            self.arguments = self._mode.extract_arguments(message)
        except ModelError as error:
            self._ledger.record_failure(error)
            raise
        self._ledger.accept(self.arguments)
        return ModelResponse(result=[self._mode.to_agent_message(message, self.arguments)])

    def _call_with_retry(self, request: ModelRequest[Any], handler: Handler) -> AIMessage:
        try:
            return self._call_model(request, handler)
        except AnswerMalformed as error:
            if not self._ledger.has_time:
                raise ModelOutputInvalid(str(error)) from None
        retry_prompt = HumanMessage(self._mode.retry_prompt)
        retry = request.override(messages=[*request.messages, retry_prompt])
        try:
            return self._call_model(retry, handler)
        except AnswerMalformed as error:
            raise ModelOutputInvalid(str(error)) from None

    def _call_model(self, request: ModelRequest[Any], handler: Handler) -> AIMessage:
        try:
            message = _first_message(request, handler)
        except AnswerUnreadable as error:
            document = self._transport.document
            self._add_to_totals(responses.usage(document), responses.stop_reason(document))
            if self._mode.is_saved_by_tool and answer_validation.is_call_malformed(
                document, self._mode.service
            ):
                raise AnswerMalformed(self._mode.invalid_json_message) from None
            raise ModelOutputInvalid(str(error)) from None
        if not isinstance(message, AIMessage):
            raise ModelOutputInvalid("The provider's response contains no model answer.")
        usage = answer_validation.usage(message, self._transport.document)
        self._add_to_totals(usage, answer_validation.stop_reason(message))
        if self._mode.is_malformed(message):
            raise AnswerMalformed(self._mode.invalid_json_message)
        return message

    def _add_to_totals(self, usage: Usage, stop_reason: str) -> None:
        self._ledger.totals.add(
            usage, self._transport.response_text, stop_reason, self._transport.request_id
        )


def _first_message(request: ModelRequest[Any], handler: Handler) -> BaseMessage:
    try:
        return handler(request).result[0]
    except StructuredOutputValidationError as error:
        return error.ai_message  # The mode validates the answer; LangChain's error would quote it.
