"""Stores a round's league table."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.compare_models import CompareTask, compare_models


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Compare models` state."""
    return compare_models(
        CompareTask.model_validate(event),
        answers=wiring.answers(),
        verifications=wiring.verifications(),
        drafts=wiring.drafts(),
        models=wiring.registry(),
    )
