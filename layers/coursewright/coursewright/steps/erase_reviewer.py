"""Erases a reviewer on request: the address and comments go, the decisions stay."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import field_validator

from coursewright.domain.base import Record
from coursewright.domain.lesson import Address
from coursewright.steps.erasure_walk import Erased, ErasureWalkDeps, each_generation, require_ended


class EraseReviewerTask(Record):
    """The reviewer to erase; `after` is where an earlier invocation stopped."""

    reviewer: Address
    also_running: bool = False
    after: str = ""

    @field_validator("reviewer", mode="before")
    @classmethod
    def _stripped(cls, given: object) -> object:
        return given.strip() if isinstance(given, str) else given


@dataclass(frozen=True)
class EraseReviewerDeps(ErasureWalkDeps):
    """Dependencies of `erase_reviewer`; `link_salt` makes pseudonyms in closed reviews final."""

    link_salt: Callable[[], str]


def erase_reviewer(task: EraseReviewerTask, *, deps: EraseReviewerDeps) -> Erased:
    """Replace a reviewer with a pseudonym until the invocation runs out of time; idempotent.

    Raises: GenerationRunning.
    """
    erasure, reviewer = deps.erasure, task.reviewer
    if not task.also_running:
        require_ended(deps, lambda generation: erasure.names_reviewer(generation, reviewer))
    erased = Erased()
    for place, generation in each_generation(deps, task.after):
        changed = 0
        if erasure.names_reviewer(generation, reviewer):
            changed = erasure.erase_reviewer(generation, reviewer, link_salt=deps.link_salt())
        erased = erased.and_then(changed)
        if not deps.has_time():
            return erased.model_copy(update={"done": False, "after": place})
    return erased
