"""One model call, read as a whole, kept in the ledger, and only then used.

What is billed is always recorded, once per turn: where malformed JSON was repaired, the call's
usage and seconds are those of both tries, and its outcome is that of the last one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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

from coursewright.agents import guard
from coursewright.agents.clients import build_chat_model
from coursewright.agents.desk import AgentDesk, Shift
from coursewright.agents.errors import AnswerUnreadable
from coursewright.agents.prompts import Prompt, prompt_set, render
from coursewright.agents.services import AgentService
from coursewright.domain.assignment import Authorship
from coursewright.domain.errors import (
    ModelCallInFlight,
    ModelError,
    ModelOutputInvalid,
    ModelRefused,
)
from coursewright.domain.model_call import Answer, AnswerKey, CallOutcome, ModelCall, Usage
from coursewright.domain.records import Record
from coursewright.ports import Answers, Clock

SECONDS_TO_SAVE = 10  # what a step needs after the model's answer
LEAST_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What one agent has to do: which answer, by which prompt, into which service."""

    key: AnswerKey
    prompt: Prompt
    service: AgentService


class KeptAnswer(Record):
    """The ledger's form of an answer: the prompts belong to it, since they may be mended later."""

    authorship: Authorship
    arguments: dict[str, Any]


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
    patience = max(LEAST_SECONDS, shift.seconds_left - SECONDS_TO_SAVE)
    model = build_chat_model(entry, key, timeout_seconds=patience)
    authorship = Authorship(
        prompt_set=prompt_set(), prompt_sha256=desk.prompts.save(turn.prompt.text)
    )
    agent = create_agent(
        model,
        turn.service.tools(authorship),
        system_prompt=turn.prompt.system,
        middleware=[
            ModelCallLimitMiddleware(run_limit=1, exit_behavior="error"),
            OneAnswer(turn, authorship, desk.answers, desk.clock, shift),
        ],
    )
    with tracing_context(enabled=False):
        agent.invoke({"messages": [HumanMessage(turn.prompt.task)]})


@dataclass
class Bill:
    """What the provider has answered so far in this turn, and when the turn began."""

    began_at: datetime
    usage: Usage = field(default_factory=Usage)
    stop_reason: str = ""
    request_id: str = ""
    said: list[str] = field(default_factory=list)

    def add(self, usage: Usage, said: str, stop_reason: str = "", request_id: str = "") -> None:
        """Count one answer."""
        self.usage = Usage(
            input_tokens=self.usage.input_tokens + usage.input_tokens,
            cached_tokens=self.usage.cached_tokens + usage.cached_tokens,
            output_tokens=self.usage.output_tokens + usage.output_tokens,
        )
        self.said.append(said)
        self.stop_reason, self.request_id = stop_reason, request_id


class OneAnswer(AgentMiddleware[Any, Any]):
    """Lets one whole, valid answer through to the tool, after the ledger has it."""

    def __init__(
        self, turn: Turn, authorship: Authorship, answers: Answers, clock: Clock, shift: Shift
    ) -> None:
        super().__init__()
        self._turn, self._authorship = turn, authorship
        self._answers, self._clock, self._shift = answers, clock, shift

    def wrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], ModelResponse[Any]],
    ) -> ModelResponse[Any]:
        """Ask under a lease, read the whole answer, keep it, hand it on."""
        bill = Bill(began_at=self._clock.now())
        until = bill.began_at + timedelta(seconds=self._shift.seconds_left)
        lease = self._shift.lease
        self._answers.start(self._turn.key, lease=lease, now=bill.began_at, until=until)
        try:
            forced = request.override(tool_choice=self._turn.service.tool_name)
            message = self._answer(forced, handler, bill)
            arguments = guard.read_arguments(message, self._turn.service)
        except ModelError as error:
            self._give_up(bill, error)
            raise
        self._accept(bill, arguments)
        return ModelResponse(result=[message])

    def _answer(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], ModelResponse[Any]],
        bill: Bill,
    ) -> AIMessage:
        message = _called(request, handler, bill)
        if not guard.is_malformed(message, self._turn.service) or not self._has_time(bill):
            return message
        reminder = render("malformed", tool=self._turn.service.tool_name)
        again = request.override(messages=[*request.messages, HumanMessage(reminder)])
        return _called(again, handler, bill)

    def _has_time(self, bill: Bill) -> bool:
        spent = (self._clock.now() - bill.began_at).total_seconds()
        return spent < self._shift.seconds_left / 2

    def _accept(self, bill: Bill, arguments: dict[str, Any]) -> None:
        kept = KeptAnswer(authorship=self._authorship, arguments=arguments)
        answer = Answer(
            arguments=kept.model_dump(), call=self._call(bill, CallOutcome.ACCEPTED, problem="")
        )
        try:
            self._answers.accept(self._turn.key, answer, lease=self._shift.lease)
        except ModelCallInFlight as error:
            self._give_up(bill, error)
            raise

    def _give_up(self, bill: Bill, error: ModelError) -> None:
        key, lease = self._turn.key, self._shift.lease
        if not bill.said:
            self._answers.release(key, lease=lease)
            return
        refused = isinstance(error, ModelRefused)
        outcome = CallOutcome.REFUSED if refused else CallOutcome.INVALID
        call = self._call(bill, outcome, problem=str(error))
        self._answers.refuse(key, call, "\n".join(bill.said), lease=lease)

    def _call(self, bill: Bill, outcome: CallOutcome, problem: str) -> ModelCall:
        key = self._turn.key
        return ModelCall(
            agent=key.agent,
            model=key.model,
            round=key.round,
            step=key.step,
            outcome=outcome,
            problem=_keepable(problem),
            usage=bill.usage,
            seconds=round((self._clock.now() - bill.began_at).total_seconds(), 3),
            stop_reason=_keepable(bill.stop_reason),
            request_id=_keepable(bill.request_id),
            prompt_sha256=self._authorship.prompt_sha256,
            called_at=bill.began_at,
        )


def _keepable(words: str) -> str:
    # A model can write half a character (a lone surrogate), which no store takes.
    return words.encode("utf-8", "replace").decode()


def _called(
    request: ModelRequest[Any],
    handler: Callable[[ModelRequest[Any]], ModelResponse[Any]],
    bill: Bill,
) -> AIMessage:
    try:
        message = handler(request).result[0]
    except AnswerUnreadable as error:
        bill.add(error.usage, error.raw)
        raise ModelOutputInvalid(str(error)) from error
    if not isinstance(message, AIMessage):
        raise ModelOutputInvalid("The provider sent no answer of a model.")
    bill.add(
        guard.usage(message),
        guard.raw_text(message),
        guard.stop_reason(message),
        guard.request_id(message),
    )
    return message
