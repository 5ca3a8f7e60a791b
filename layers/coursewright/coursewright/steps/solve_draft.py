"""A model solves another model's draft; it sees the text and the starter, and nothing else."""

from pydantic import Field

from coursewright.agents.agent import run_agent
from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.prompt_builder import prompt_for_solver
from coursewright.agents.toolsets import SolverService
from coursewright.domain.base import Record
from coursewright.domain.model_call import Agent, AnswerKey


class SolveTask(Record):
    """The input of the step; `model` is the one that solves."""

    generation: str
    round: int = Field(ge=1)
    model: str
    draft: str


def solve_draft(
    task: SolveTask, *, deps: AgentDeps, invocation: InvocationContext
) -> dict[str, str]:
    """Let a model solve one draft of another model.

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

    run_agent(key, service, lambda: prompt_for_solver(draft.kind, draft), deps, invocation)
    return {"solved": task.draft}
