"""Model calls and their cost in tokens, seconds and dollars."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from coursewright.domain.base import Record

IMPORTED = "imported:file"  # recorded as the author of imported drafts


class Agent(StrEnum):
    """The agents; each has its own IAM role and partition."""

    CONDITIONS = "conditions"
    TESTS = "tests"
    SOLUTION = "solution"
    SOLVER = "solver"
    HINT = "hint"


class CallOutcome(StrEnum):
    """Whether a paid call returned a usable answer."""

    ACCEPTED = "accepted"
    INVALID = "invalid"
    REFUSED = "refused"


class Usage(Record):
    """A call's tokens, as counted by the provider."""

    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0


class AnswerKey(Record):
    """Identifies one answer, which is requested and paid for once."""

    agent: Agent
    generation: str
    model: str
    round: int
    step: str

    @property
    def sort_key(self) -> str:
        """The sort key in the agent's partition."""
        return f"{self.model}#{self.round}#{self.step}"


def draft_in_step(step: str) -> str:
    """Return the draft named in a ledger step, or an empty string if the step covers all drafts."""
    return step.partition(":")[2].rpartition(":")[0]


class ModelCall(Record):
    """A billed provider call, regardless of its outcome."""

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
    answer_sha256: str = ""
    called_at: datetime


class Answer(Record):
    """An accepted answer, stored before it is used: the tool arguments and the call."""

    arguments: dict[str, object]
    call: ModelCall


class Price(Record):
    """Prices in dollars per million tokens, with the date of lookup; None means unknown."""

    input: float | None = None
    cached: float | None = None
    output: float | None = None
    date: str = ""


class ApiKey(Record):
    """A provider's API key and the hosts that may receive it; None means the registry's own."""

    value: str = Field(default="", repr=False)
    hosts: tuple[str, ...] | None = None


class UnavailabilityCode(StrEnum):
    """A kind of obstacle to calling a model."""

    DISABLED = "disabled"
    NO_OUTPUT_MODE = "no_output_mode"
    PACKAGE_MISSING = "package_missing"
    LAYER_MISSING = "layer_missing"
    ADDRESS_MISSING = "address_missing"
    KEY_MISSING = "key_missing"
    KEY_NOT_ALLOWED = "key_not_allowed"
    AWS_MISSING = "aws_missing"


class Unavailability(Record):
    """One reason why a model cannot be called."""

    code: UnavailabilityCode
    params: dict[str, str] = Field(default_factory=dict)


class ListedModel(Record):
    """A model on the author's form; `missing` lists what it needs before it can be called."""

    id: str
    label: str
    group: str
    price: Price
    missing: tuple[Unavailability, ...] = ()


def cost_micros(usage: Usage, price: Price) -> int | None:
    """Return a call's cost in micro-dollars, or None if the price is unknown."""
    if price.input is None or price.output is None:
        return None
    cached = price.input if price.cached is None else price.cached
    fresh = usage.input_tokens - usage.cached_tokens
    return round(
        fresh * price.input + usage.cached_tokens * cached + usage.output_tokens * price.output
    )
