"""A reviewer asks to be forgotten: address and words go, what was decided stays."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import field_validator

from coursewright.domain.base import Record
from coursewright.domain.lesson import Address
from coursewright.ports.generations import ReviewerRecords
from coursewright.steps.erasure_walk import Erased, ErasureWalkDeps, each_generation, require_ended


class EraseReviewerTask(Record):
    """Whom to forget; `after` is where an earlier invocation stopped."""

    reviewer: Address
    also_running: bool = False
    after: str = ""

    @field_validator("reviewer", mode="before")
    @classmethod
    def _stripped(cls, given: object) -> object:
        return given.strip() if isinstance(given, str) else given


@dataclass(frozen=True)
class EraseReviewerDeps(ErasureWalkDeps):
    """What is changed, besides, and what makes the pseudonyms of a closed review final."""

    records: ReviewerRecords
    link_salt: Callable[[], str]


def erase_reviewer(task: EraseReviewerTask, *, deps: EraseReviewerDeps) -> Erased:
    """Put a pseudonym in place of a reviewer, as far as the time of this invocation goes.

    All of it again changes nothing. Raises: GenerationRunning.
    """
    records, who = deps.records, task.reviewer
    if not task.also_running:
        require_ended(deps, lambda one: records.name(one, who))
    found = Erased()
    for place, generation in each_generation(deps, task.after):
        changed = 0
        if records.name(generation, who):
            changed = records.forget(generation, who, link_salt=deps.link_salt())
        found = found.and_then(changed)
        if not deps.has_time():
            return found.model_copy(update={"done": False, "after": place})
    return found
