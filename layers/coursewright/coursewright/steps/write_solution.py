"""Has agent 3 solve a draft without seeing its tests."""

from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.part_task import (
    PartTask,
    find_opening,
    last_evidence,
    own_draft,
)
from coursewright.agents.prompt_builder import prompt_for_solution
from coursewright.agents.prompt_templates import Prompt
from coursewright.agents.toolsets import SolutionService
from coursewright.domain.model_call import Agent
from coursewright.markup.evidence_text import repair_findings_text
from coursewright.steps.import_drafts import write_or_import


def write_solution(
    task: PartTask, *, deps: AgentDeps, invocation: InvocationContext
) -> dict[str, object]:
    """Have the model solve one draft, or repair its solution using the evidence.

    Raises: any ModelError, DraftMissing or DraftConflict.
    """
    draft = own_draft(task, deps)
    service = SolutionService(task.generation, task.draft, task.attempt, deps.drafts)

    def build_prompt() -> Prompt:
        opening = find_opening(task, deps)
        evidence = last_evidence(
            task, deps.drafts.latest_solution, deps, describe=repair_findings_text
        )
        return prompt_for_solution(opening, draft, evidence=evidence)

    key = task.answer_key(Agent.SOLUTION, task.attempt)
    write_or_import(key, service, build_prompt, deps, invocation)
    return {"saved": "solution", "attempt": task.attempt}
