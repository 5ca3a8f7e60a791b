"""Has agent 1 write all of a round's assignments in one model call."""

from pydantic import Field

from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.prompt_builder import prompt_for_conditions
from coursewright.agents.prompt_templates import Prompt
from coursewright.agents.read_tools import build_read_tools
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
    request = generation.request
    lesson = deps.lessons.read(request.lesson)
    experience = deps.reviews.course_notes(request.course.id, before=generation.started_at)
    if not task.notes:
        return prompt_for_conditions(request, lesson, experience=experience)
    last_round = deps.drafts.of_round(task.generation, task.round - 1)
    return prompt_for_conditions(
        request,
        lesson,
        notes=deps.reviews.get(task.notes).feedback_for(task.model),
        earlier=tuple(draft for draft in last_round if draft.model == task.model),
        experience=experience,
    )
