"""Has an agent write one short plain-text hint for a verified draft."""

from pydantic import Field

from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.prompt_builder import prompt_for_hint
from coursewright.agents.prompt_templates import Prompt
from coursewright.agents.toolsets import HintService
from coursewright.domain.assignment import Draft
from coursewright.domain.draft_task import DraftTask
from coursewright.domain.errors import DraftMissing
from coursewright.domain.model_call import Agent
from coursewright.steps.import_drafts import write_or_import


class HintTask(DraftTask):
    """The input of the step; `attempt` is the attempt whose solution was verified."""

    attempt: int = Field(ge=0)


def write_hint(task: HintTask, *, deps: AgentDeps, invocation: InvocationContext) -> dict[str, str]:
    """Have the model that wrote a draft write its hint.

    Raises: any ModelError, DraftMissing or DraftConflict.
    """
    draft = deps.drafts.get(task.generation, task.draft)
    service = HintService(task.generation, task.draft, deps.drafts)
    key = task.answer_key(Agent.HINT)
    write_or_import(key, service, lambda: _build_prompt(task, draft, deps), deps, invocation)
    return {"saved": "hint"}


def _build_prompt(task: HintTask, draft: Draft, deps: AgentDeps) -> Prompt:
    solution = deps.drafts.latest_solution(task.generation, task.draft, attempt=task.attempt)
    if solution is None:
        raise DraftMissing(f"{task.draft} has no solution")
    request = deps.generations.get(task.generation).request
    return prompt_for_hint(request, draft, solution)
