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

from coursewright.agents import caching, guard, wire_formats
from coursewright.agents.clients import build_chat_model
from coursewright.agents.desk import AgentDesk, Shift
from coursewright.agents.errors import AnswerUnreadable
from coursewright.agents.ledger import KeptAnswer, PaidTurn, Turn
from coursewright.agents.models import ModelEntry
from coursewright.agents.prompts import Prompt, prompt_set
from coursewright.agents.services import AgentService
from coursewright.agents.ways import Way, way_of
from coursewright.agents.wire import Wire
from coursewright.domain.assignment import Authorship
from coursewright.domain.budget import tokens
from coursewright.domain.errors import BudgetExceeded, ModelError, ModelOutputInvalid
from coursewright.domain.model_call import AnswerKey, Usage

SECONDS_TO_SAVE = 10  # what a step needs after the model's answer
LEAST_SECONDS = 5.0
LEAST_ANSWER = 1_000  # tokens
Handler = Callable[[ModelRequest[Any]], ModelResponse[Any]]


def take_turn(
    key: AnswerKey,
    service: AgentService,
    prompt: Callable[[], Prompt],
    desk: AgentDesk,
    shift: Shift,
) -> None:
    """Save the model's answer, from the ledger if it is there, else by one model call.

    Raises: any ModelError, BudgetExceeded or DraftConflict.
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
    brief = desk.generations.get(turn.key.generation).request.brief
    way = way_of(turn.service, entry, brief.mode)
    prompt = way.adapted(turn.prompt)
    model = build_chat_model(_within(entry, prompt, desk.max_call_tokens), key, wire=wire)
    authorship = Authorship(prompt_set=prompt_set(), prompt_sha256=desk.prompts.save(prompt.text))
    one_answer = OneAnswer(way, PaidTurn(turn, authorship, desk, shift), wire)
    system, task = caching.messages(prompt, entry)
    agent = create_agent(
        model,
        way.tools(authorship),
        system_prompt=system,
        middleware=[
            ModelCallLimitMiddleware(run_limit=1, exit_behavior="error"),
            ExtraSettings(caching.settings(prompt, entry)),
            one_answer,
        ],
    )
    with tracing_context(enabled=False):
        agent.invoke({"messages": [task]})
    if not way.is_saved_by_tool:
        turn.service.save(one_answer.arguments, authorship)


def _within(entry: ModelEntry, prompt: Prompt, most_tokens: int) -> ModelEntry:
    """Let the answer take what the prompt leaves of a call. Raises: BudgetExceeded."""
    left = most_tokens - tokens(prompt.text)
    if left < LEAST_ANSWER:
        raise BudgetExceeded(
            f"The prompt takes {tokens(prompt.text):,} of the {most_tokens:,} tokens that a call"
            " may take. Shorten the lesson, or raise MaxCallTokens and redrive."
        )
    return entry.model_copy(update={"max_output_tokens": min(left, entry.max_output_tokens)})


class AnswerMalformed(ModelOutputInvalid):
    """All is well but for the JSON of the answer: the only fault worth a second call."""


class ExtraSettings(AgentMiddleware[Any, Any]):
    """Puts what goes beside the messages into every request."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self._settings = settings

    def wrap_model_call(self, request: ModelRequest[Any], handler: Handler) -> ModelResponse[Any]:
        """Hand the request on with the settings."""
        return handler(request.override(model_settings=request.model_settings | self._settings))


class OneAnswer(AgentMiddleware[Any, Any]):
    """Lets one whole, valid answer through, after the ledger has it."""

    def __init__(self, way: Way, turn: PaidTurn, wire: Wire) -> None:
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
            self._turn.give_up(error)
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
            self._count(wire_formats.usage(told), wire_formats.stop_reason(told))
            if self._way.is_saved_by_tool and guard.is_call_malformed(told, self._way.service):
                raise AnswerMalformed(self._way.not_json) from None
            raise ModelOutputInvalid(str(error)) from None
        if not isinstance(message, AIMessage):
            raise ModelOutputInvalid("The provider sent no answer of a model.")
        self._count(guard.usage(message), guard.stop_reason(message))
        if self._way.is_malformed(message):
            raise AnswerMalformed(self._way.not_json)
        return message

    def _count(self, usage: Usage, stop_reason: str) -> None:
        self._turn.bill.add(usage, self._wire.said, stop_reason, self._wire.request_id)
