"""Has agent 1 write all of a round's assignments in one model call."""

from pydantic import Field

from coursewright.agents.built_prompts import BuiltPrompt, load_prompt
from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.prompt_templates import Prompt
from coursewright.agents.read_tools import build_read_tools
from coursewright.agents.round_prompts import read_round
from coursewright.agents.toolsets import ConditionsService
from coursewright.domain.base import Record
from coursewright.domain.generation import Generation
from coursewright.domain.model_call import Agent, AnswerKey
from coursewright.steps.import_drafts import write_or_import


class ConditionsTask(Record):
    """The input of the step; `notes` is the id of the review that requested changes."""

    generation: str
    round: int = Field(ge=1)
    model: str
    notes: str | None = None
    prompt: BuiltPrompt | None = None


def write_conditions(
    task: ConditionsTask, *, deps: AgentDeps, invocation: InvocationContext
) -> dict[str, list[str]]:
    """Have the model write a round's drafts, and return their ids.

    Raises: any ModelError, ReviewMissing or DraftConflict.
    """
    generation = deps.generations.get(task.generation)
    request = generation.request
    service = ConditionsService(
        task.generation,
        task.round,
        task.model,
        request.brief,
        deps.drafts,
        read_tools=build_read_tools(request, task.model, task.round, deps),
    )
    key = AnswerKey(
        agent=Agent.CONDITIONS,
        generation=task.generation,
        model=task.model,
        round=task.round,
        step="conditions",
    )

    write_or_import(key, service, lambda: _build_prompt(task, generation, deps), deps, invocation)
    return {"drafts": service.draft_ids}


def _build_prompt(task: ConditionsTask, generation: Generation, deps: AgentDeps) -> Prompt:
    if built := load_prompt(task.prompt, deps.built_prompts):
        return built
    sources = read_round(
        generation,
        task.round,
        task.notes,
        lessons=deps.lessons,
        drafts=deps.drafts,
        reviews=deps.reviews,
    )
    return sources.prompt_for(task.model)
