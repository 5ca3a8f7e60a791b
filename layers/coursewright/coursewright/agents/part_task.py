"""Input and repair evidence shared by the steps that write one part of a draft."""

from collections.abc import Callable

from pydantic import Field

from coursewright.agents.built_prompts import BuiltText, load_text
from coursewright.agents.deps import AgentDeps
from coursewright.agents.prompt_builder import evidence_section, shared_opening
from coursewright.domain.assignment import Draft, DraftSolution, DraftTests
from coursewright.domain.draft_task import DraftTask
from coursewright.domain.errors import DraftMissing
from coursewright.domain.evidence import Evidence


class PartTask(DraftTask):
    """Input of a step that writes one part of a draft; an attempt above 0 is a repair."""

    attempt: int = Field(ge=0)
    evidence: str | None = None
    opening: BuiltText | None = None


def find_opening(task: PartTask, deps: AgentDeps) -> str:
    """Return the opening built for the round, or render it again."""
    if built := load_text(task.opening, deps.built_prompts):
        return built
    request = deps.generations.get(task.generation).request
    return shared_opening(request, deps.lessons.read(request.lesson))


def own_draft(task: PartTask, deps: AgentDeps) -> Draft:
    """Return the draft if this model wrote it in this round. Raises: DraftMissing."""
    draft = deps.drafts.get(task.generation, task.draft)
    if (draft.model, draft.round) != (task.model, task.round):
        raise DraftMissing(f"{task.draft} is not a draft of {task.model} in round {task.round}")
    return draft


def last_evidence(
    task: PartTask,
    find_part: Callable[..., DraftTests | DraftSolution | None],
    deps: AgentDeps,
    *,
    describe: Callable[[Evidence], str],
) -> str:
    """Return the evidence section of a repair prompt; empty for a first attempt.

    Raises: DraftMissing.

    `describe` phrases the evidence of the previous attempt for the model.
    """
    if task.attempt == 0:
        return ""
    verification = deps.verifications.get(task.generation, task.draft, task.attempt - 1)
    if verification is None:
        raise DraftMissing(f"{task.draft} has no evidence for attempt {task.attempt - 1}")
    part = find_part(task.generation, task.draft, attempt=task.attempt - 1)
    return evidence_section(part, describe(verification.evidence), repair=task.attempt)
