"""Between model and ledger: the whole answer is read and kept before anything of it is used."""

from collections.abc import Callable
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, HumanMessage

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
    """All is well but for the JSON of the answer: the only fault worth a second call."""


class ModelSettingsMiddleware(AgentMiddleware[Any, Any]):
    """Puts what goes beside the messages into every request."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self._settings = settings

    def wrap_model_call(self, request: ModelRequest[Any], handler: Handler) -> ModelResponse[Any]:
        """Hand the request on with the settings."""
        return handler(request.override(model_settings=request.model_settings | self._settings))


class LedgerMiddleware(AgentMiddleware[Any, Any]):
    """Lets one whole, valid answer through, after the ledger has it."""

    def __init__(self, way: OutputMode, turn: TaskLedger, wire: Transport) -> None:
        super().__init__()
        self._way, self._turn, self._wire = way, turn, wire
        self.arguments: dict[str, Any] = {}

    def wrap_model_call(self, request: ModelRequest[Any], handler: Handler) -> ModelResponse[Any]:
        """Ask under a lease, read the whole answer, keep it, hand it on."""
        self._turn.open()
        try:
            message = self._answer(self._way.asking(request), handler)
            self.arguments = self._way.read(message)
        except ModelError as error:
            self._turn.record_failure(error)
            raise
        self._turn.accept(self.arguments)
        return ModelResponse(result=[message])

    def _answer(self, request: ModelRequest[Any], handler: Handler) -> AIMessage:
        try:
            return self._called(request, handler)
        except AnswerMalformed as error:
            if not self._turn.has_time:
                raise ModelOutputInvalid(str(error)) from None
        reminder = HumanMessage(self._way.reminder)
        again = request.override(messages=[*request.messages, reminder])
        try:
            return self._called(again, handler)
        except AnswerMalformed as error:
            raise ModelOutputInvalid(str(error)) from None

    def _called(self, request: ModelRequest[Any], handler: Handler) -> AIMessage:
        try:
            message = handler(request).result[0]
        except AnswerUnreadable as error:
            told = self._wire.document
            self._count(responses.usage(told), responses.stop_reason(told))
            if self._way.is_saved_by_tool and answer_validation.is_call_malformed(
                told, self._way.service
            ):
                raise AnswerMalformed(self._way.not_json) from None
            raise ModelOutputInvalid(str(error)) from None
        if not isinstance(message, AIMessage):
            raise ModelOutputInvalid("The provider sent no answer of a model.")
        self._count(answer_validation.usage(message), answer_validation.stop_reason(message))
        if self._way.is_malformed(message):
            raise AnswerMalformed(self._way.not_json)
        return message

    def _count(self, usage: Usage, stop_reason: str) -> None:
        self._turn.bill.add(usage, self._wire.said, stop_reason, self._wire.request_id)
