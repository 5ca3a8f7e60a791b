"""Builds a round's prompts before any model is called, and drops models that they do not fit."""

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from coursewright.agents.built_prompts import BuiltPrompt, BuiltText, ModelPrompt, point_to_prompt
from coursewright.agents.cost_estimate import TokensByAgent, count_prompts, longest_prompt
from coursewright.agents.prompt_builder import shared_opening
from coursewright.agents.prompt_templates import prompt_set
from coursewright.agents.round_prompts import read_round
from coursewright.domain.base import Record
from coursewright.domain.budget import require_room
from coursewright.domain.errors import PromptTooLong
from coursewright.domain.model_call import IMPORTED
from coursewright.ports.agents import BuiltPrompts, Drafts, Models
from coursewright.ports.generations import Generations, Lessons
from coursewright.ports.reviews import Reviews


class PromptsTask(Record):
    """The input of the step; `notes` is the id of the review that requested changes."""

    generation: str
    round: int = Field(ge=1)
    notes: str | None = None


@dataclass(frozen=True)
class BuildPromptsDeps:
    """Dependencies of `build_prompts`."""

    generations: Generations
    lessons: Lessons
    drafts: Drafts
    reviews: Reviews
    models: Models
    built_prompts: BuiltPrompts


def build_prompts(task: PromptsTask, *, deps: BuildPromptsDeps) -> dict[str, Any]:
    """Store a round's prompts; return pointers and token counts per model.

    Raises: ReviewMissing.
    """
    generation = deps.generations.get(task.generation)
    request = generation.request
    sources = read_round(
        generation,
        task.round,
        task.notes,
        lessons=deps.lessons,
        drafts=deps.drafts,
        reviews=deps.reviews,
    )
    opening = shared_opening(request, sources.lesson)
    prompts = {model: sources.prompt_for(model) for model in request.models if model != IMPORTED}
    texts = (opening, *(prompt.text for prompt in prompts.values()))
    shared_sha256, *shas = deps.built_prompts.save(task.generation, task.round, texts)
    built = {
        model: _model_prompt(
            model,
            point_to_prompt(prompt, sha256),
            count_prompts(request.brief, prompt, opening),
            deps.models.context_tokens(model),
        )
        for (model, prompt), sha256 in zip(prompts.items(), shas, strict=True)
    }
    listed = (built.get(model, ModelPrompt(model=model, prompt=None)) for model in request.models)
    return {
        "opening": BuiltText(prompt_set=prompt_set(), sha256=shared_sha256).model_dump(),
        "prompts": [prompt.model_dump(mode="json", exclude_unset=True) for prompt in listed],
    }


def _model_prompt(
    model: str, prompt: BuiltPrompt, tokens: TokensByAgent, context_tokens: int | None
) -> ModelPrompt:
    try:
        require_room(longest_prompt(tokens), context_tokens)
    except PromptTooLong as error:
        name = type(error).__name__
        return ModelPrompt(model=model, outcome="too_long", error=name, reason=str(error))
    return ModelPrompt(model=model, prompt=prompt, tokens=tokens)
