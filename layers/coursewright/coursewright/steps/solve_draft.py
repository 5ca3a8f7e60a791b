"""Has a model solve another model's draft from its text and starter code alone."""

from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.prompt_builder import prompt_for_solver
from coursewright.agents.toolsets import SolverService
from coursewright.domain.draft_task import DraftTask
from coursewright.domain.model_call import Agent
from coursewright.steps.import_drafts import write_or_import


def solve_draft(
    task: DraftTask, *, deps: AgentDeps, invocation: InvocationContext
) -> dict[str, str]:
    """Have the task's model solve a draft that another model wrote.

    Raises: any ModelError, DraftMissing or DraftConflict.
    """
    draft = deps.drafts.get(task.generation, task.draft)
    service = SolverService(task.generation, task.draft, task.model, deps.drafts)
    key = task.answer_key(Agent.SOLVER)
    write_or_import(key, service, lambda: prompt_for_solver(draft.kind, draft), deps, invocation)
    return {"solved": task.draft}
