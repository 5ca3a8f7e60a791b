"""The replay ledger of one agent task: a lease before the model call, a record after it.

Every billed call is recorded, once per task. If an answer is requested again because its JSON was
malformed, usage and seconds cover both calls, and the outcome is that of the second. Raw responses
are kept unchanged in a store where they expire, and are never logged.
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
from coursewright.observability import logger

# As OpenTelemetry names them:
# https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/
PROVIDER_NAMES = {
    "openai": "openai",
    "bedrock": "aws.bedrock",
    "anthropic": "anthropic",
    "google": "gcp.gemini",
}
MAX_STOP_REASON_CHARS = 50


@dataclass(frozen=True, kw_only=True)
class AgentTask:
    """One unit of agent work: the answer key, the prompt, and the service that saves the answer."""

    key: AnswerKey
    prompt: Prompt
    service: AgentService


class AnswerContent(Record):
    """An answer as stored in the ledger, with the prompts that led to it."""

    authorship: Authorship
    arguments: dict[str, Any]


@dataclass
class CallTotals:
    """Usage and responses of the calls made so far for one task."""

    usage: Usage = field(default_factory=Usage)
    stop_reason: str = ""
    request_id: str = ""
    response_texts: list[str] = field(default_factory=list)

    def add(self, usage: Usage, response_text: str, stop_reason: str, request_id: str) -> None:
        """Add one response."""
        self.usage = Usage(
            input_tokens=self.usage.input_tokens + usage.input_tokens,
            cached_tokens=self.usage.cached_tokens + usage.cached_tokens,
            output_tokens=self.usage.output_tokens + usage.output_tokens,
        )
        self.response_texts.append(response_text)
        self.stop_reason, self.request_id = stop_reason, request_id


class TaskLedger:
    """The ledger operations of one task: lease, then accept or record the failure."""

    def __init__(
        self,
        task: AgentTask,
        authorship: Authorship,
        deps: AgentDeps,
        invocation: InvocationContext,
    ) -> None:
        self._task, self._authorship = task, authorship
        self._deps, self._invocation = deps, invocation
        self.totals = CallTotals()

    def acquire_lease(self) -> None:
        """Acquire the lease for the call. Raises: ModelCallInFlight."""
        self._began_at: datetime = self._deps.clock.now()
        until = self._began_at + timedelta(seconds=self._invocation.seconds_left)
        self._deps.answers.start(
            self._task.key, lease=self._invocation.lease, now=self._began_at, until=until
        )

    @property
    def has_time(self) -> bool:
        """Whether one more call fits into this invocation."""
        return self._seconds() < self._invocation.seconds_left / 2

    def accept(self, arguments: dict[str, Any]) -> None:
        """Record the answer before it is used. Raises: ModelCallInFlight if the lease was lost."""
        content = AnswerContent(authorship=self._authorship, arguments=arguments)
        call = self._record(CallOutcome.ACCEPTED, problem="")
        try:
            self._deps.answers.accept(
                self._task.key,
                Answer(arguments=content.model_dump(), call=call),
                lease=self._invocation.lease,
            )
        except ModelCallInFlight as error:
            self.record_failure(error)
            raise

    def find_read_call(self, number: int) -> dict[str, Any] | None:
        """Return the stored message of an earlier read-only call of this task."""
        answer = self._deps.answers.accepted(self._read_call_key(number))
        message = answer.arguments.get("message") if answer else None
        return message if isinstance(message, dict) else None

    def record_read_call(self, number: int, message: dict[str, Any]) -> None:
        """Record a paid read-only call, so that an interrupted task can resume after it."""
        key, now = self._read_call_key(number), self._deps.clock.now()
        lease = self._invocation.lease
        call = self._record(CallOutcome.ACCEPTED, problem="").model_copy(update={"step": key.step})
        until = now + timedelta(seconds=self._invocation.seconds_left)
        self._deps.answers.start(key, lease=lease, now=now, until=until)
        self._deps.answers.accept(
            key, Answer(arguments={"message": message}, call=call), lease=lease
        )
        self.totals, self._began_at = CallTotals(), now

    def _read_call_key(self, number: int) -> AnswerKey:
        key = self._task.key
        return key.model_copy(update={"step": f"{key.step}~{number}"})

    def record_failure(self, error: ModelError) -> None:
        """Record the cost of an unusable answer, and release the lease."""
        key, lease = self._task.key, self._invocation.lease
        if not self.totals.response_texts:
            self._log_call(type(error).__name__)
            self._deps.answers.release(key, lease=lease)
            return
        refused = isinstance(error, ModelRefused)
        outcome = CallOutcome.REFUSED if refused else CallOutcome.INVALID
        self._deps.answers.refuse(key, self._record(outcome, problem=str(error)), lease=lease)

    def _record(self, outcome: CallOutcome, problem: str) -> ModelCall:
        self._log_call(outcome)
        key = self._task.key
        raw_answer = _replace_surrogates("\n".join(self.totals.response_texts))
        return ModelCall(
            agent=key.agent,
            model=key.model,
            round=key.round,
            step=key.step,
            outcome=outcome,
            problem=_replace_surrogates(problem),
            usage=self.totals.usage,
            seconds=round(self._seconds(), 3),
            stop_reason=_replace_surrogates(self.totals.stop_reason),
            request_id=_replace_surrogates(self.totals.request_id),
            prompt_sha256=self._authorship.prompt_sha256,
            answer_sha256=self._deps.answers.save_response(raw_answer),
            called_at=self._began_at,
        )

    def _log_call(self, outcome: str) -> None:
        """Log a call by what it used, never by what was sent or answered."""
        key, entry = self._task.key, self._deps.registry.get(self._task.key.model)
        reason = _replace_surrogates(self.totals.stop_reason)[:MAX_STOP_REASON_CHARS]
        attributes = {
            "gen_ai.provider.name": PROVIDER_NAMES[entry.provider],
            "gen_ai.request.model": entry.name,
            "gen_ai.usage.input_tokens": self.totals.usage.input_tokens,
            "gen_ai.usage.output_tokens": self.totals.usage.output_tokens,
            "gen_ai.response.finish_reasons": [reason] if reason else [],
            "agent": key.agent,
            "generation": key.generation,
            "model": key.model,
            "round": key.round,
            "step": key.step,
            "seconds": round(self._seconds(), 3),
            "outcome": outcome,
        }
        logger.info("model_called", extra=attributes)

    def _seconds(self) -> float:
        return (self._deps.clock.now() - self._began_at).total_seconds()


def _replace_surrogates(text: str) -> str:
    # A model can produce a lone surrogate, which cannot be encoded as UTF-8.
    return text.encode("utf-8", "replace").decode()
