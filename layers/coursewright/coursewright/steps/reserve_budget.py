"""Reserves the estimated cost of a round before any model is called."""

from dataclasses import dataclass

from pydantic import Field

from coursewright.agents.built_prompts import ModelPrompt
from coursewright.agents.cost_estimate import expected_calls
from coursewright.domain.base import Record
from coursewright.domain.brief import Brief
from coursewright.domain.budget import (
    Caps,
    ExpectedCalls,
    Reservation,
    expected_cost,
    known_price,
)
from coursewright.domain.errors import BudgetExceeded
from coursewright.domain.model_call import Price
from coursewright.ports.agents import Models
from coursewright.ports.generations import Budgets, Generations


class ReserveTask(Record):
    """The input of the step; each round has its own reservation, for its own prompts."""

    generation: str
    round: int = Field(ge=1)
    prompts: tuple[ModelPrompt, ...]


@dataclass(frozen=True)
class ReserveBudgetDeps:
    """Ports and limits used by `reserve_budget`."""

    generations: Generations
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
    amount = sum(
        _model_cost(prompt, generation.request.brief, deps)
        for prompt in task.prompts
        if prompt.tokens
    )
    reservation = Reservation(
        month=generation.started_at.strftime("%Y%m"),
        generation=task.generation,
        round=task.round,
        amount=amount,
    )
    return deps.budgets.reserve(reservation, caps=deps.caps)


def _model_cost(prompt: ModelPrompt, brief: Brief, deps: ReserveBudgetDeps) -> int:
    calls = expected_calls(brief, prompt.tokens)
    _require_small_calls(calls, deps.max_call_tokens)
    return expected_cost(calls, known_price(deps.models.price(prompt.model), deps.pessimistic))


def _require_small_calls(calls: tuple[ExpectedCalls, ...], max_tokens: int) -> None:
    for call in calls:
        needed = call.input_tokens + call.output_tokens
        if needed > max_tokens:
            raise BudgetExceeded(
                f"A call for the {call.what} needs about {needed:,} tokens, but MaxCallTokens"
                f" allows {max_tokens:,}. Shorten the lesson, or increase"
                " MaxCallTokens and redrive."
            )
