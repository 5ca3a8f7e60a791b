"""Stores the stable parts of a generation's prompts for people to read."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.build_prompts import PromptsTask, build_prompts


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Build prompts` state."""
    return build_prompts(
        PromptsTask.model_validate(event),
        generations=wiring.generations(),
        lessons=wiring.lessons(),
        answers=wiring.answers(),
    )
