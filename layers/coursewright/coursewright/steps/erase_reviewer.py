"""Erases a reviewer on request: the address and comments go, the decisions stay."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import field_validator

from coursewright.domain.lesson import Address
from coursewright.steps.erasure_walk import Erased, ErasureTask, ErasureWalkDeps, erase_affected


class EraseReviewerTask(ErasureTask):
    """The reviewer to erase; `after` is where an earlier invocation stopped."""

    reviewer: Address

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
    return erase_affected(
        task,
        lambda generation: erasure.names_reviewer(generation, reviewer),
        lambda generation: erasure.erase_reviewer(generation, reviewer, link_salt=deps.link_salt()),
        deps=deps,
    )
