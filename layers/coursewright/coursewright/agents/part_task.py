"""What the steps that write a part of a draft share: their task and a repair's evidence."""

from collections.abc import Callable

from pydantic import Field

from coursewright.agents.deps import AgentDeps
from coursewright.agents.prompt_builder import evidence_section
from coursewright.domain.assignment import Draft, DraftSolution, DraftTests
from coursewright.domain.base import Record
from coursewright.domain.errors import DraftMissing
from coursewright.domain.generation import GenerationRequest
from coursewright.domain.model_call import Agent, AnswerKey


class PartTask(Record):
    """The input of the steps that write one part of a draft; an attempt above 0 is a repair."""

    generation: str
    round: int = Field(ge=1)
    model: str
    draft: str
    attempt: int = Field(ge=0)
    evidence: str | None = None


def part_key(agent: Agent, task: PartTask) -> AnswerKey:
    """Name the answer to this task."""
    return AnswerKey(
        agent=agent,
        generation=task.generation,
        model=task.model,
        round=task.round,
        step=f"{agent}:{task.draft}:{task.attempt}",
    )


def brief_and_lesson(generation: str, deps: AgentDeps) -> tuple[GenerationRequest, str]:
    """Read what the course author asked for and the lesson's snapshot."""
    request = deps.generations.get(generation).request
    return request, deps.lessons.read(request.lesson)


def own_draft(task: PartTask, deps: AgentDeps) -> Draft:
    """Read the draft, and make sure that it is this model's own. Raises: DraftMissing."""
    draft = deps.drafts.get(task.generation, task.draft)
    if (draft.model, draft.round) != (task.model, task.round):
        raise DraftMissing(f"{task.draft} is no draft of {task.model} in round {task.round}")
    return draft


def last_evidence(
    task: PartTask, written: Callable[..., DraftTests | DraftSolution | None], deps: AgentDeps
) -> str:
    """Show why a repair is asked for, and nothing to a first attempt. Raises: DraftMissing."""
    if task.attempt == 0:
        return ""
    verification = deps.verifications.get(task.generation, task.draft, task.attempt - 1)
    if verification is None:
        raise DraftMissing(f"{task.draft} has no evidence of attempt {task.attempt - 1}")
    before = written(task.generation, task.draft, attempt=task.attempt - 1)
    return evidence_section(before, verification, repair=task.attempt)
