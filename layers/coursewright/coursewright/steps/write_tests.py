"""Agent 2 writes how a solution of a draft is checked; it sees no solution."""

from coursewright.agents.agent import run_agent
from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.part_task import (
    PartTask,
    brief_and_lesson,
    last_evidence,
    own_draft,
    part_key,
)
from coursewright.agents.prompt_builder import prompt_for_tests
from coursewright.agents.prompt_templates import Prompt
from coursewright.agents.toolsets import TestsService
from coursewright.domain.model_call import Agent


def write_tests(
    task: PartTask, *, deps: AgentDeps, invocation: InvocationContext
) -> dict[str, object]:
    """Let the model write the tests of one draft, or write them again by the evidence.

    Raises: any ModelError, DraftMissing or DraftConflict.
    """
    draft = own_draft(task, deps)
    service = TestsService(task.generation, task.draft, task.attempt, draft.kind, deps.drafts)

    def prompt() -> Prompt:
        request, lesson = brief_and_lesson(task.generation, deps)
        evidence = last_evidence(task, deps.drafts.latest_tests, deps)
        return prompt_for_tests(request, lesson, draft, evidence=evidence)

    run_agent(part_key(Agent.TESTS, task), service, prompt, deps, invocation)
    return {"saved": "tests", "attempt": task.attempt}
