"""Erases a reviewer on request: the address and comments go, the decisions stay."""

from collections.abc import Callable

from coursewright.domain.address import Address
from coursewright.steps.erasure_walk import Erased, ErasureTask, ErasureWalkDeps, erase_affected


class EraseReviewerTask(ErasureTask):
    """The reviewer to erase; `after` is where an earlier invocation stopped."""

    reviewer: Address


def erase_reviewer(
    task: EraseReviewerTask, *, link_salt: Callable[[], str], deps: ErasureWalkDeps
) -> Erased:
    """Replace a reviewer with a pseudonym until the invocation runs out of time; idempotent.

    A new `link_salt` per generation makes the pseudonyms in closed reviews final.

    Raises: GenerationRunning.
    """
    erasure, reviewer = deps.erasure, task.reviewer
    return erase_affected(
        task,
        lambda generation: erasure.names_reviewer(generation, reviewer),
        lambda generation: erasure.erase_reviewer(generation, reviewer, link_salt=link_salt()),
        deps=deps,
    )
