"""Reserves the estimated cost of a round before any model is called."""

from dataclasses import dataclass

from pydantic import Field

from coursewright.agents.cost_estimate import expected_calls
from coursewright.domain.base import Record
from coursewright.domain.budget import (
    Caps,
    ExpectedCalls,
    Reservation,
    cost_across_models,
)
from coursewright.domain.errors import BudgetExceeded
from coursewright.domain.model_call import Price
from coursewright.ports.agents import Models
from coursewright.ports.generations import Budgets, Generations, Lessons


class ReserveTask(Record):
    """The input of the step; each round has its own reservation."""

    generation: str
    round: int = Field(default=1, ge=1)


@dataclass(frozen=True)
class ReserveBudgetDeps:
    """Ports and limits used by `reserve_budget`."""

    generations: Generations
    lessons: Lessons
    models: Models
    budgets: Budgets
    caps: Caps
    max_call_tokens: int
    pessimistic: Price


def reserve_budget(task: ReserveTask, *, deps: ReserveBudgetDeps) -> int:
    """Reserve a round's estimated cost once and return the generation's total reservation.

    Raises: BudgetExceeded before any model is called.
    """
    generation = deps.generations.get(task.generation)
    request = generation.request
    lesson = deps.lessons.read(request.lesson)
    calls = expected_calls(request, lesson, round_number=task.round)
    _require_small_calls(calls, deps.max_call_tokens)
    prices = (deps.models.price(model) for model in request.brief.models)
    amount = cost_across_models(calls, prices, deps.pessimistic)
    reservation = Reservation(
        month=generation.started_at.strftime("%Y%m"),
        generation=task.generation,
        round=task.round,
        amount=amount,
    )
    return deps.budgets.reserve(reservation, caps=deps.caps)


def _require_small_calls(calls: tuple[ExpectedCalls, ...], max_tokens: int) -> None:
    for call in calls:
        needed = call.input_tokens + call.output_tokens
        if needed > max_tokens:
            raise BudgetExceeded(
                f"A call for the {call.what} needs about {needed:,} tokens, but MaxCallTokens"
                f" allows {max_tokens:,}. Shorten the lesson, or increase"
                " MaxCallTokens and redrive."
            )
