"""Starts the execution requested by a `Module Published` event."""

from typing import Any
from uuid import uuid4

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.start_generation import StartGenerationDeps, start_generation


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle an EventBridge event."""
    deps = StartGenerationDeps(
        lessons=wiring.lessons(),
        generations=wiring.generations(),
        executions=wiring.executions(),
        models=wiring.registry(),
        budgets=wiring.budgets(),
        pessimistic=wiring.pessimistic_price(),
        audit=wiring.audit(),
        clock=wiring.clock(),
        salt=lambda: uuid4().hex,
    )
    return start_generation(event, deps=deps, settings=settings()).model_dump(mode="json")
