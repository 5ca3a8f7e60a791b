"""Money before it is spent: what calls may cost, and what must not be passed."""

from collections.abc import Iterable

from pydantic import Field

from coursewright.domain.base import Record
from coursewright.domain.model_call import Price, Usage, cost_micros

CHARACTERS_PER_TOKEN = 3  # English prose has four and more, code and other languages fewer
MICROS = 1_000_000


class Caps(Record):
    """What may be spent, in millionths of a dollar."""

    month: int
    generation: int


class Reservation(Record):
    """What one round of a generation may cost, in millionths of a dollar."""

    month: str
    generation: str
    round: int
    amount: int


class CourseRun(Record):
    """A run that starts the generations of a course, and what they may cost together."""

    id: str = Field(min_length=1, max_length=500)
    budget_usd: float = Field(ge=0, allow_inf_nan=False)

    @property
    def cap(self) -> int:
        """The budget in millionths of a dollar."""
        return round(self.budget_usd * MICROS)


class ExpectedCalls(Record):
    """Calls of one kind that a round will make, each with its tokens."""

    what: str
    number: int
    input_tokens: int
    output_tokens: int


def tokens(text: str) -> int:
    """Count a text's tokens, rather too many than too few."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def expected_cost(calls: Iterable[ExpectedCalls], price: Price) -> int:
    """Return what the calls may cost, in millionths of a dollar; no cache is counted on.

    Raises: ValueError for an unknown price.
    """
    listed = tuple(calls)
    usage = Usage(
        input_tokens=sum(one.number * one.input_tokens for one in listed),
        output_tokens=sum(one.number * one.output_tokens for one in listed),
    )
    cost = cost_micros(usage, price)
    if cost is None:
        raise ValueError("an expected cost needs a known price")
    return cost


def cost_on_all(calls: Iterable[ExpectedCalls], prices: Iterable[Price], pessimistic: Price) -> int:
    """Return what the calls may cost on each of several models together."""
    listed = tuple(calls)
    return sum(expected_cost(listed, known_price(price, pessimistic)) for price in prices)


def known_price(price: Price, pessimistic: Price) -> Price:
    """Return a model's price, or the pessimistic one where it is unknown."""
    return pessimistic if price.input is None or price.output is None else price
