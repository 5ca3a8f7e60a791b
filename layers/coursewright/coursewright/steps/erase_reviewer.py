"""Erases a reviewer or author on request: removes names, addresses and comments, not decisions."""

from collections.abc import Callable
from typing import Self

from pydantic import Field, model_validator

from coursewright.domain.address import Address
from coursewright.domain.author import MAX_SUB_CHARS, Person
from coursewright.domain.generation import Generation
from coursewright.steps.erasure_walk import Erased, ErasureTask, ErasureWalkDeps, erase_affected


class EraseReviewerTask(ErasureTask):
    """The person to erase, by the address of a reviewer, the `sub` of an author, or both."""

    reviewer: Address | None = None
    author: str = Field(default="", max_length=MAX_SUB_CHARS)

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not (self.reviewer or self.author):
            raise ValueError("name a reviewer by address or an author by sub")
        return self


def erase_reviewer(
    task: EraseReviewerTask, *, link_salt: Callable[[], str], deps: ErasureWalkDeps
) -> Erased:
    """Replace a person with a pseudonym until the invocation runs out of time; idempotent.

    A new `link_salt` per generation makes the pseudonyms in closed reviews final.

    Raises: GenerationRunning.
    """
    erasure, reviewer = deps.erasure, task.reviewer or ""
    person = Person(address=reviewer, sub=task.author)

    def is_affected(generation: Generation) -> bool:
        if person.is_author(generation.request.author):
            return True
        return bool(reviewer) and erasure.names_reviewer(generation, reviewer)

    def erase(generation: Generation) -> int:
        changed = 0
        if person.is_author(generation.request.author):
            changed += erasure.erase_author(generation, salt=link_salt())
        if reviewer:
            changed += erasure.erase_reviewer(generation, reviewer, link_salt=link_salt())
        return changed

    erased = erase_affected(task, is_affected, erase, deps=deps)
    if not erased.done:
        return erased
    return erased.and_then(erasure.erase_exports(person), generations=0)
