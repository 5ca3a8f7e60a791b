"""What a model call cost, in tokens, seconds and dollars."""

from datetime import datetime
from enum import StrEnum

from coursewright.domain.base import Record

IMPORTED = "imported:file"  # the author of a generation that takes assignments back


class Agent(StrEnum):
    """Who asks a model, each with an account of its own."""

    CONDITIONS = "conditions"
    TESTS = "tests"
    SOLUTION = "solution"
    SOLVER = "solver"
    HINT = "hint"


class CallOutcome(StrEnum):
    """Whether the answer of a paid call could be used."""

    ACCEPTED = "accepted"
    INVALID = "invalid"
    REFUSED = "refused"


class Usage(Record):
    """Tokens of one call, as the provider counted them."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0


class AnswerKey(Record):
    """The place of one answer: asked for once, paid once."""

    agent: Agent
    generation: str
    model: str
    round: int
    step: str

    @property
    def sort_key(self) -> str:
        """The key within the agent's partition."""
        return f"{self.model}#{self.round}#{self.step}"


def draft_of(step: str) -> str:
    """Return the draft that a step of the ledger works on; nothing for work on a whole set."""
    return step.partition(":")[2].rpartition(":")[0]


class ModelCall(Record):
    """One call that a provider answered, whatever came of it."""

    agent: Agent
    model: str
    round: int
    step: str
    outcome: CallOutcome
    problem: str
    usage: Usage
    seconds: float
    stop_reason: str
    request_id: str
    prompt_sha256: str
    answer_sha256: str = ""  # of what the provider sent; calls of earlier releases have none
    called_at: datetime


class Answer(Record):
    """An accepted answer, stored before it is used: the tool's arguments and their authorship."""

    arguments: dict[str, object]
    call: ModelCall


class Price(Record):
    """Dollars for a million tokens, and the day they were read; None is unknown."""

    input: float | None = None
    cached: float | None = None
    output: float | None = None
    date: str = ""


class ListedModel(Record):
    """A model of the registry as a course author chooses it; `missing` says why it cannot be."""

    id: str
    label: str
    group: str
    price: Price
    missing: tuple[str, ...] = ()


def cost_micros(usage: Usage, price: Price) -> int | None:
    """Return a call's cost in millionths of a dollar, or None where no price is known."""
    if price.input is None or price.output is None:
        return None
    cached = price.input if price.cached is None else price.cached
    fresh = usage.input_tokens - usage.cached_tokens
    return round(
        fresh * price.input + usage.cached_tokens * cached + usage.output_tokens * price.output
    )
