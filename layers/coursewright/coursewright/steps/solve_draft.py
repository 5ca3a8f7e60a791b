"""Has a model solve another model's draft from its text and starter code alone."""

from pydantic import Field

from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.prompt_builder import prompt_for_solver
from coursewright.agents.toolsets import SolverService
from coursewright.domain.base import Record
from coursewright.domain.model_call import Agent, AnswerKey
from coursewright.steps.import_drafts import write_or_import


class SolveTask(Record):
    """The input of the step; `model` is the solver."""

    generation: str
    round: int = Field(ge=1)
    model: str
    draft: str


def solve_draft(
    task: SolveTask, *, deps: AgentDeps, invocation: InvocationContext
) -> dict[str, str]:
    """Have a model solve a draft written by another model.

    Raises: any ModelError, DraftMissing or DraftConflict.
    """
    draft = deps.drafts.get(task.generation, task.draft)
    service = SolverService(task.generation, task.draft, task.model, deps.drafts)
    key = AnswerKey(
        agent=Agent.SOLVER,
        generation=task.generation,
        model=task.model,
        round=task.round,
        step=f"{Agent.SOLVER}:{task.draft}:0",
    )

    write_or_import(key, service, lambda: prompt_for_solver(draft.kind, draft), deps, invocation)
    return {"solved": task.draft}
