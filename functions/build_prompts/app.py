"""Builds a round's prompts and counts their tokens."""

from typing import Any

from coursewright import wiring
from coursewright.observability import logged
from coursewright.steps.build_prompts import BuildPromptsDeps, PromptsTask, build_prompts


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle the `Build prompts` state."""
    deps = BuildPromptsDeps(
        generations=wiring.generations(),
        lessons=wiring.lessons(),
        drafts=wiring.drafts(),
        reviews=wiring.reviews(),
        models=wiring.registry(),
        built_prompts=wiring.built_prompts(),
    )
    return build_prompts(PromptsTask.model_validate(event), deps=deps)
