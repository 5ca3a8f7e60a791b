"""Cost estimates made before any model is called, and the caps they must not exceed."""

from collections.abc import Iterable

from pydantic import Field

from coursewright.domain.base import Record
from coursewright.domain.errors import PromptTooLong
from coursewright.domain.model_call import Price, Usage, cost_micros

CHARACTERS_PER_TOKEN = 3  # English prose has at least four; code and other languages have fewer
MICROS = 1_000_000
MIN_ANSWER_TOKENS = 1_000


class Caps(Record):
    """Spending caps in micro-dollars."""

    month: int
    generation: int


class Reservation(Record):
    """The estimated cost of one round of a generation, in micro-dollars."""

    month: str
    generation: str
    round: int
    amount: int


class CourseRun(Record):
    """An execution that starts a course's generations, and their total budget."""

    id: str = Field(min_length=1, max_length=500)
    budget_usd: float = Field(ge=0, allow_inf_nan=False)

    @property
    def cap(self) -> int:
        """The budget in micro-dollars."""
        return round(self.budget_usd * MICROS)


class ExpectedCalls(Record):
    """Calls of one kind expected in a round; the token counts are per call."""

    what: str
    number: int
    input_tokens: int
    output_tokens: int


def tokens(text: str) -> int:
    """Estimate the token count of a text, erring on the high side."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def require_room(prompt_tokens: int, context_tokens: int | None) -> None:
    """Raise PromptTooLong if a prompt leaves no room for an answer in the context window."""
    if context_tokens and prompt_tokens + MIN_ANSWER_TOKENS > context_tokens:
        raise PromptTooLong(
            f"The prompt takes about {prompt_tokens:,} tokens, which leaves no room for an answer"
            f" in the model's context of {context_tokens:,}."
        )


def expected_cost(calls: Iterable[ExpectedCalls], price: Price) -> int:
    """Return the estimated cost in micro-dollars, assuming no cache hits.

    Raises: ValueError for an unknown price.
    """
    kinds = tuple(calls)
    usage = Usage(
        input_tokens=sum(kind.number * kind.input_tokens for kind in kinds),
        output_tokens=sum(kind.number * kind.output_tokens for kind in kinds),
    )
    cost = cost_micros(usage, price)
    if cost is None:
        raise ValueError("a cost estimate needs a known price")
    return cost


def cost_across_models(
    calls: Iterable[ExpectedCalls], prices: Iterable[Price], pessimistic: Price
) -> int:
    """Return the estimated total cost of making the calls to each of several models."""
    kinds = tuple(calls)
    return sum(expected_cost(kinds, known_price(price, pessimistic)) for price in prices)


def known_price(price: Price, pessimistic: Price) -> Price:
    """Return the model's price, or the pessimistic default if it is unknown."""
    return pessimistic if price.input is None or price.output is None else price
