"""Reserves the estimated cost of a generation's round under the caps."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.reserve_budget import ReserveBudgetDeps, ReserveTask, reserve_budget


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Reserve budget` state."""
    deps = ReserveBudgetDeps(
        generations=wiring.generations(),
        models=wiring.registry(),
        budgets=wiring.budgets(),
        caps=wiring.caps(),
        max_call_tokens=settings().max_call_tokens,
        pessimistic=wiring.pessimistic_price(),
    )
    task = ReserveTask.model_validate(event)
    return {"reserved_micros": reserve_budget(task, deps=deps)}
