"""Settles the budget, stores the reviewers' notes and writes a generation's final status."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.settings import settings
from coursewright.steps.close_generation import CloseGenerationDeps, CloseTask, close_generation


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Close generation` state."""
    deps = CloseGenerationDeps(
        generations=wiring.generations(),
        answers=wiring.answers(),
        models=wiring.registry(),
        budgets=wiring.budgets(),
        reviews=wiring.reviews(),
        clock=wiring.clock(),
        publish_notification=wiring.notification_topic().publish,
        pessimistic=wiring.pessimistic_price(),
        authoring_url=settings().authoring_url,
    )
    return close_generation(CloseTask.model_validate(event), deps=deps)
