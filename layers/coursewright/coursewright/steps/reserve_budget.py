"""Money is set aside before any model is asked."""

from dataclasses import dataclass

from pydantic import Field

from coursewright.agents.cost_estimate import expected_calls
from coursewright.domain.base import Record
from coursewright.domain.budget import (
    Caps,
    ExpectedCalls,
    Reservation,
    cost_on_all,
)
from coursewright.domain.errors import BudgetExceeded
from coursewright.domain.model_call import Price
from coursewright.ports.agents import Models
from coursewright.ports.generations import Budgets, Generations, Lessons


class ReserveTask(Record):
    """The input of the step; every round is reserved for by itself."""

    generation: str
    round: int = Field(default=1, ge=1)


@dataclass(frozen=True)
class ReserveBudgetDeps:
    """What the step reads and writes, and the limits it keeps."""

    generations: Generations
    lessons: Lessons
    models: Models
    budgets: Budgets
    caps: Caps
    max_call_tokens: int
    pessimistic: Price


def reserve_budget(task: ReserveTask, *, deps: ReserveBudgetDeps) -> int:
    """Reserve the estimate of a round, once; gives what the generation has set aside.

    Raises: BudgetExceeded before any model is asked.
    """
    generation = deps.generations.get(task.generation)
    request = generation.request
    lesson = deps.lessons.read(request.lesson)
    calls = expected_calls(request, lesson, round_number=task.round)
    _require_small_calls(calls, deps.max_call_tokens)
    prices = (deps.models.price(model) for model in request.brief.models)
    amount = cost_on_all(calls, prices, deps.pessimistic)
    reservation = Reservation(
        month=generation.started_at.strftime("%Y%m"),
        generation=task.generation,
        round=task.round,
        amount=amount,
    )
    return deps.budgets.reserve(reservation, caps=deps.caps)


def _require_small_calls(calls: tuple[ExpectedCalls, ...], most: int) -> None:
    for one in calls:
        wanted = one.input_tokens + one.output_tokens
        if wanted > most:
            raise BudgetExceeded(
                f"A call for the {one.what} needs about {wanted:,} tokens, MaxCallTokens allows"
                f" {most:,}. Shorten the lesson, or raise MaxCallTokens and redrive."
            )
