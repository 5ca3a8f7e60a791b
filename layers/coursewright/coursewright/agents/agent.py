"""One model call, read as a whole, kept in the ledger, and only then used."""

from collections.abc import Callable
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import (
    AgentMiddleware,
    ModelCallLimitMiddleware,
    ModelRequest,
    ModelResponse,
)
from langchain_core.messages import AIMessage, HumanMessage
from langsmith.run_helpers import tracing_context

from coursewright.agents import guard, wire_formats
from coursewright.agents.clients import build_chat_model
from coursewright.agents.desk import AgentDesk, Shift
from coursewright.agents.errors import AnswerUnreadable
from coursewright.agents.ledger import KeptAnswer, PaidTurn, Turn
from coursewright.agents.prompts import Prompt, prompt_set, render
from coursewright.agents.services import AgentService
from coursewright.agents.wire import Wire
from coursewright.domain.assignment import Authorship
from coursewright.domain.errors import ModelError, ModelOutputInvalid
from coursewright.domain.model_call import AnswerKey, Usage

SECONDS_TO_SAVE = 10  # what a step needs after the model's answer
LEAST_SECONDS = 5.0
Handler = Callable[[ModelRequest[Any]], ModelResponse[Any]]


def take_turn(
    key: AnswerKey,
    service: AgentService,
    prompt: Callable[[], Prompt],
    desk: AgentDesk,
    shift: Shift,
) -> None:
    """Save the model's answer, from the ledger if it is there, else by one model call.

    Raises: any ModelError, or DraftConflict.
    """
    found = desk.answers.accepted(key)
    if found is None:
        _ask(Turn(key=key, prompt=prompt(), service=service), desk, shift)
        return
    kept = KeptAnswer.model_validate(found.arguments)
    service.save(kept.arguments, kept.authorship)


def _ask(turn: Turn, desk: AgentDesk, shift: Shift) -> None:
    entry = desk.registry.get(turn.key.model)
    key = desk.model_keys.get(entry.key) if entry.key else ""
    wire = Wire(max(LEAST_SECONDS, shift.seconds_left - SECONDS_TO_SAVE), secret=key)
    model = build_chat_model(entry, key, wire=wire)
    authorship = Authorship(
        prompt_set=prompt_set(), prompt_sha256=desk.prompts.save(turn.prompt.text)
    )
    agent = create_agent(
        model,
        turn.service.tools(authorship),
        system_prompt=turn.prompt.system,
        middleware=[
            ModelCallLimitMiddleware(run_limit=1, exit_behavior="error"),
            OneAnswer(turn.service, PaidTurn(turn, authorship, desk, shift), wire),
        ],
    )
    with tracing_context(enabled=False):
        agent.invoke({"messages": [HumanMessage(turn.prompt.task)]})


class AnswerMalformed(ModelOutputInvalid):
    """All is well but for the JSON of the one call: the only fault worth a second call."""


class OneAnswer(AgentMiddleware[Any, Any]):
    """Lets one whole, valid answer through to the tool, after the ledger has it."""

    def __init__(self, service: AgentService, turn: PaidTurn, wire: Wire) -> None:
        super().__init__()
        self._service, self._turn, self._wire = service, turn, wire

    def wrap_model_call(self, request: ModelRequest[Any], handler: Handler) -> ModelResponse[Any]:
        """Ask under a lease, read the whole answer, keep it, hand it on."""
        self._turn.open()
        try:
            forced = request.override(tool_choice=self._service.tool_name)
            message = self._answer(forced, handler)
            arguments = guard.read_arguments(message, self._service)
        except ModelError as error:
            self._turn.give_up(error)
            raise
        self._turn.accept(arguments)
        return ModelResponse(result=[message])

    def _answer(self, request: ModelRequest[Any], handler: Handler) -> AIMessage:
        try:
            return self._called(request, handler)
        except AnswerMalformed as error:
            if not self._turn.has_time:
                raise ModelOutputInvalid(str(error)) from None
        reminder = render("malformed", tool=self._service.tool_name)
        again = request.override(messages=[*request.messages, HumanMessage(reminder)])
        try:
            return self._called(again, handler)
        except AnswerMalformed as error:
            raise ModelOutputInvalid(str(error)) from None

    def _called(self, request: ModelRequest[Any], handler: Handler) -> AIMessage:
        try:
            message = handler(request).result[0]
        except AnswerUnreadable as error:
            told = self._wire.document
            self._count(wire_formats.usage(told), wire_formats.stop_reason(told))
            if guard.is_call_malformed(told, self._service):
                raise AnswerMalformed(guard.not_json(self._service)) from None
            raise ModelOutputInvalid(str(error)) from None
        if not isinstance(message, AIMessage):
            raise ModelOutputInvalid("The provider sent no answer of a model.")
        self._count(guard.usage(message), guard.stop_reason(message))
        if guard.is_malformed(message, self._service):
            raise AnswerMalformed(guard.not_json(self._service))
        return message

    def _count(self, usage: Usage, stop_reason: str) -> None:
        self._turn.bill.add(usage, self._wire.said, stop_reason, self._wire.request_id)
