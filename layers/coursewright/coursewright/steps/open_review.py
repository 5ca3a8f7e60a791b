"""Opens a review round, bound to the content that the reviewers will see."""

from collections.abc import Callable
from datetime import timedelta

from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import to_reviewed_draft
from coursewright.domain.review import Review, hash_shown_drafts, pseudonym, review_id
from coursewright.ports.agents import Drafts
from coursewright.ports.assignments import Assignments
from coursewright.ports.generations import Clock, Generations
from coursewright.ports.reviews import Audit, Reviews
from coursewright.ports.verification import Verifications
from coursewright.steps.certify_drafts import certify_drafts
from coursewright.steps.draft_evidence import drafts_with_evidence


class OpenTask(Record):
    """The input of the step."""

    generation: str
    round: int


def open_review(  # noqa: PLR0913 one argument per port
    task: OpenTask,
    *,
    open_seconds: int,
    link_salt: Callable[[], str],
    generations: Generations,
    drafts: Drafts,
    verifications: Verifications,
    reviews: Reviews,
    assignments: Assignments,
    audit: Audit,
    clock: Clock,
) -> dict[str, str]:
    """Create a pending review of a round's drafts, or return the existing one."""
    now = clock.now()
    request = generations.get(task.generation).request
    certify_drafts(
        request, task.round, drafts=drafts, verifications=verifications, assignments=assignments
    )
    whole = drafts_with_evidence(
        task.generation, task.round, drafts=drafts, verifications=verifications
    )
    shown = tuple(to_reviewed_draft(evidence) for evidence in whole)
    wanted = Review(
        review=review_id(task.generation, task.round),
        generation=task.generation,
        round=task.round,
        drafts=shown,
        reviewers=request.reviewers,
        shown_sha256=hash_shown_drafts(shown),
        link_salt=link_salt(),
        opened_at=now,
        expires_at=now + timedelta(seconds=open_seconds),
    )
    review = reviews.open(wanted)
    asked = [pseudonym(review, address) for address in review.reviewers]
    facts = {"review": review.review, "shown_sha256": review.shown_sha256, "reviewers": asked}
    audit.add(review.generation, "review_opened", facts, now=review.opened_at)
    return {"review": review.review}
