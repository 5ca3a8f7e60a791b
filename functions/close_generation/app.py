"""Settles the budget and writes a generation's final status."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.close_generation import CloseTask, close_generation


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer the state `Close generation`."""
    return close_generation(
        CloseTask.model_validate(event),
        generations=wiring.generations(),
        answers=wiring.answers(),
        models=wiring.registry(),
        budget=wiring.budget(),
        pessimistic=wiring.pessimistic_price(),
        clock=wiring.clock(),
    )
