"""Agent 3 solves a draft; it sees no tests."""

from coursewright.agents.agent import take_turn
from coursewright.agents.deps import AgentDesk, Shift
from coursewright.agents.part_task import (
    PartTask,
    brief_and_lesson,
    last_evidence,
    own_draft,
    part_key,
)
from coursewright.agents.prompt_builder import prompt_for_solution
from coursewright.agents.prompt_templates import Prompt
from coursewright.agents.toolsets import SolutionService
from coursewright.domain.model_call import Agent


def write_solution(task: PartTask, *, desk: AgentDesk, shift: Shift) -> dict[str, object]:
    """Let the model solve one draft, or solve it again by the evidence.

    Raises: any ModelError, DraftMissing or DraftConflict.
    """
    draft = own_draft(task, desk)
    service = SolutionService(task.generation, task.draft, task.attempt, desk.drafts)

    def prompt() -> Prompt:
        request, lesson = brief_and_lesson(task.generation, desk)
        evidence = last_evidence(task, desk.drafts.latest_solution, desk)
        return prompt_for_solution(request, lesson, draft, evidence=evidence)

    take_turn(part_key(Agent.SOLUTION, task), service, prompt, desk, shift)
    return {"saved": "solution", "attempt": task.attempt}
