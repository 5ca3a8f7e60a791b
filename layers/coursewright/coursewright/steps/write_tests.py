"""Has agent 2 write a draft's tests without seeing its solution."""

from coursewright.agents.deps import AgentDeps, InvocationContext
from coursewright.agents.part_task import (
    PartTask,
    find_opening,
    last_evidence,
    own_draft,
)
from coursewright.agents.prompt_builder import prompt_for_tests
from coursewright.agents.prompt_templates import Prompt
from coursewright.agents.toolsets import TestsService
from coursewright.domain.model_call import Agent
from coursewright.markup.evidence_text import repair_findings_text
from coursewright.steps.import_drafts import write_or_import


def write_tests(
    task: PartTask, *, deps: AgentDeps, invocation: InvocationContext
) -> dict[str, object]:
    """Have the model write the tests of one draft, or repair them using the evidence.

    Raises: any ModelError, DraftMissing or DraftConflict.
    """
    draft = own_draft(task, deps)
    service = TestsService(task.generation, task.draft, task.attempt, draft.kind, deps.drafts)

    def build_prompt() -> Prompt:
        opening = find_opening(task, deps)
        evidence = last_evidence(
            task, deps.drafts.latest_tests, deps, describe=repair_findings_text
        )
        return prompt_for_tests(opening, draft, evidence=evidence)

    key = task.answer_key(Agent.TESTS, task.attempt)
    write_or_import(key, service, build_prompt, deps, invocation)
    return {"saved": "tests", "attempt": task.attempt}
