"""One turn in the replay ledger: leased before the call, recorded after it, whatever came of it.

What is billed is always recorded, once per turn: where malformed JSON was repaired, the call's
usage and seconds are those of both tries, and its outcome is that of the last one. What the
provider sent is kept as it came, in a store that forgets it after a while, and is never logged.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.prompt_templates import Prompt
from coursewright.agents.toolsets import AgentService
from coursewright.domain.assignment import Authorship
from coursewright.domain.base import Record
from coursewright.domain.errors import ModelCallInFlight, ModelError, ModelRefused
from coursewright.domain.model_call import Answer, AnswerKey, CallOutcome, ModelCall, Usage


@dataclass(frozen=True, kw_only=True)
class AgentTask:
    """What one agent has to do: which answer, by which prompt, into which service."""

    key: AnswerKey
    prompt: Prompt
    service: AgentService


class AnswerContent(Record):
    """The ledger's form of an answer: the prompts belong to it, since they may be mended later."""

    authorship: Authorship
    arguments: dict[str, Any]


@dataclass
class CallTotals:
    """What the provider has answered so far in this turn."""

    usage: Usage = field(default_factory=Usage)
    stop_reason: str = ""
    request_id: str = ""
    said: list[str] = field(default_factory=list)

    def add(self, usage: Usage, said: str, stop_reason: str, request_id: str) -> None:
        """Count one answer."""
        self.usage = Usage(
            input_tokens=self.usage.input_tokens + usage.input_tokens,
            cached_tokens=self.usage.cached_tokens + usage.cached_tokens,
            output_tokens=self.usage.output_tokens + usage.output_tokens,
        )
        self.said.append(said)
        self.stop_reason, self.request_id = stop_reason, request_id


class TaskLedger:
    """The entry of one turn: open it, ask, then accept the answer or give up."""

    def __init__(
        self,
        turn: AgentTask,
        authorship: Authorship,
        deps: AgentDeps,
        invocation: InvocationContext,
    ) -> None:
        self._turn, self._authorship = turn, authorship
        self._deps, self._invocation = deps, invocation
        self.bill = CallTotals()

    def open(self) -> None:
        """Take the lease. Raises: ModelCallInFlight."""
        self._began_at: datetime = self._deps.clock.now()
        until = self._began_at + timedelta(seconds=self._invocation.seconds_left)
        self._deps.answers.start(
            self._turn.key, lease=self._invocation.lease, now=self._began_at, until=until
        )

    @property
    def has_time(self) -> bool:
        """Whether one more call fits into this invocation."""
        return self._seconds() < self._invocation.seconds_left / 2

    def accept(self, arguments: dict[str, Any]) -> None:
        """Keep the answer before it is used. Raises: ModelCallInFlight for a late finisher."""
        kept = AnswerContent(authorship=self._authorship, arguments=arguments)
        call = self._call(CallOutcome.ACCEPTED, problem="")
        try:
            self._deps.answers.accept(
                self._turn.key,
                Answer(arguments=kept.model_dump(), call=call),
                lease=self._invocation.lease,
            )
        except ModelCallInFlight as error:
            self.record_failure(error)
            raise

    def kept_look(self, number: int) -> dict[str, Any] | None:
        """Return the answer of an earlier call of this turn that only read."""
        found = self._deps.answers.accepted(self._look_key(number))
        message = found.arguments.get("message") if found else None
        return message if isinstance(message, dict) else None

    def keep_look(self, number: int, message: dict[str, Any]) -> None:
        """Keep a paid answer that only reads, so that a turn that breaks off goes on from it."""
        key, lease, now = self._look_key(number), self._invocation.lease, self._deps.clock.now()
        call = self._call(CallOutcome.ACCEPTED, problem="").model_copy(update={"step": key.step})
        until = now + timedelta(seconds=self._invocation.seconds_left)
        self._deps.answers.start(key, lease=lease, now=now, until=until)
        self._deps.answers.accept(
            key, Answer(arguments={"message": message}, call=call), lease=lease
        )
        self.bill, self._began_at = CallTotals(), now

    def _look_key(self, number: int) -> AnswerKey:
        key = self._turn.key
        return key.model_copy(update={"step": f"{key.step}~{number}"})

    def record_failure(self, error: ModelError) -> None:
        """Record what was paid for an answer that cannot be used, and free the lease."""
        key, lease = self._turn.key, self._invocation.lease
        if not self.bill.said:
            self._deps.answers.release(key, lease=lease)
            return
        refused = isinstance(error, ModelRefused)
        outcome = CallOutcome.REFUSED if refused else CallOutcome.INVALID
        self._deps.answers.refuse(key, self._call(outcome, problem=str(error)), lease=lease)

    def _call(self, outcome: CallOutcome, problem: str) -> ModelCall:
        key = self._turn.key
        return ModelCall(
            agent=key.agent,
            model=key.model,
            round=key.round,
            step=key.step,
            outcome=outcome,
            problem=_keepable(problem),
            usage=self.bill.usage,
            seconds=round(self._seconds(), 3),
            stop_reason=_keepable(self.bill.stop_reason),
            request_id=_keepable(self.bill.request_id),
            prompt_sha256=self._authorship.prompt_sha256,
            answer_sha256=self._deps.raw_answers.save(_keepable("\n".join(self.bill.said))),
            called_at=self._began_at,
        )

    def _seconds(self) -> float:
        return (self._deps.clock.now() - self._began_at).total_seconds()


def _keepable(words: str) -> str:
    # A model can write half a character (a lone surrogate), which no store takes.
    return words.encode("utf-8", "replace").decode()
