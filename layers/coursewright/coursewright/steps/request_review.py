"""Emails the reviewers, once per reminder, and leaves the execution waiting."""

from dataclasses import dataclass

from coursewright.domain.base import Record
from coursewright.domain.errors import TaskTokenGone
from coursewright.domain.invitation import Invitation
from coursewright.domain.notification import Notification, NotificationKind, authoring_link
from coursewright.domain.review import PSEUDONYM_PREFIX, Decision, Review, reviewer_id
from coursewright.domain.session import claims_for
from coursewright.observability import logger
from coursewright.ports.notifications import Mailbox, PublishNotification
from coursewright.ports.reviews import ReviewTasks
from coursewright.steps.expire_review import ExpireTask, expire_review
from coursewright.steps.notify import notify
from coursewright.steps.reviewed_drafts import ReviewDeps, edited_drafts


class RequestTask(Record):
    """The input of the step."""

    generation: str
    round: int
    review: str
    reminder: int
    task_token: str


@dataclass(frozen=True)
class RequestReviewDeps(ReviewDeps):
    """Dependencies of `request_review`."""

    review_tasks: ReviewTasks
    mailbox: Mailbox
    publish_notification: PublishNotification
    public_url: str
    authoring_url: str


def request_review(task: RequestTask, *, deps: RequestReviewDeps) -> dict[str, int]:
    """Store the task token and email every reviewer, unless the review is closed."""
    review = deps.reviews.get(task.review)
    if _is_open(review, deps):
        deps.review_tasks.save(review, task.reminder, task.task_token, now=deps.clock.now())
        # A decision made in the meantime may have used the previous token or found none.
        review = deps.reviews.get(task.review)
    if not _is_open(review, deps):
        _resume_at_once(task, deps)
        return {"mailed": 0}
    mailed = _email_reviewers(task, review, deps)
    if mailed:
        _notify(task, review, deps)
    return {"mailed": mailed}


def _is_open(review: Review, deps: RequestReviewDeps) -> bool:
    return review.decision is Decision.PENDING and deps.clock.now() < review.expires_at


def _resume_at_once(task: RequestTask, deps: RequestReviewDeps) -> None:
    ended = ExpireTask(generation=task.generation, round=task.round, review=task.review)
    expire_review(ended, reviews=deps.reviews, audit=deps.audit, clock=deps.clock)
    try:
        deps.review_tasks.resume_task(task.task_token)
    except TaskTokenGone:
        logger.info("task_token_gone", review=task.review)


def _email_reviewers(task: RequestTask, review: Review, deps: RequestReviewDeps) -> int:
    present = (each for each in review.reviewers if not each.startswith(PSEUDONYM_PREFIX))
    addresses = {reviewer_id(address): address for address in present}
    waiting = {
        reviewer: address
        for reviewer, address in addresses.items()
        if not deps.mailbox.is_sent(review.review, reviewer, task.reminder)
    }
    if not waiting:
        return 0
    request = deps.generations.get(review.generation).request
    drafts = edited_drafts(review, deps)
    league = deps.verifications.league(review.generation, review.round)
    for reviewer, address in waiting.items():
        claims = claims_for(review, address, deps.reviews.access(review.review, reviewer))
        invitation = Invitation(
            recipient=address,
            review=review,
            request=request,
            drafts=drafts,
            league=league,
            public_url=deps.public_url,
            signed_link=deps.links.link(claims),
            code=deps.links.code(claims),
            reminder=task.reminder,
        )
        deps.mailbox.send(invitation)
        deps.mailbox.mark_sent(review.review, reviewer, task.reminder)
    return len(waiting)


def _notify(task: RequestTask, review: Review, deps: RequestReviewDeps) -> None:
    request = deps.generations.get(review.generation).request
    notification = Notification(
        kind=NotificationKind.REVIEW_WAITING,
        generation=request.generation,
        round=review.round,
        language=request.brief.language,
        course=request.course.title,
        module=request.module.title,
        drafts=len(review.drafts),
        reminder=task.reminder,
        decide_by=review.expires_at,
        link=authoring_link(deps.authoring_url, request.generation),
    )
    notify(notification, publish=deps.publish_notification)
