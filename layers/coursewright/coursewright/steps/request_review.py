"""Mails the reviewers, once per reminder, and leaves the execution waiting."""

from dataclasses import dataclass

from coursewright.domain.base import Record
from coursewright.domain.errors import TaskTokenGone
from coursewright.domain.review import PERSON, Decision, Review, reviewer_id
from coursewright.observability import logger
from coursewright.pages.email import Invitation, invitation_email
from coursewright.pages.notifications import waiting_notification
from coursewright.ports.notifications import Mailbox, NotificationTopic
from coursewright.ports.reviews import Audit, ReviewTasks
from coursewright.steps.expire_review import ExpireTask, expire_review
from coursewright.steps.notify import notify
from coursewright.web.session import ReviewDeps, edited_drafts


class RequestTask(Record):
    """The input of the step."""

    generation: str
    round: int
    review: str
    reminder: int
    task_token: str


@dataclass(frozen=True)
class RequestReviewDeps(ReviewDeps):
    """What a request for a review is sent with, besides."""

    review_tasks: ReviewTasks
    mailbox: Mailbox
    audit: Audit
    notification_topic: NotificationTopic
    public_url: str
    authoring_url: str


def request_review(task: RequestTask, *, deps: RequestReviewDeps) -> dict[str, int]:
    """Keep the task token and mail every reviewer, unless there is nothing left to decide."""
    review = deps.reviews.get(task.review)
    if _is_open(review, deps):
        deps.review_tasks.save(review, task.reminder, task.task_token, now=deps.clock.now())
        # A decision made in between may have met the token before this one, or none.
        review = deps.reviews.get(task.review)
    if not _is_open(review, deps):
        _answer_at_once(task, deps)
        return {"mailed": 0}
    mailed = _mail_everybody(task, review, deps)
    if mailed:
        _tell_others(task, review, deps)
    return {"mailed": mailed}


def _tell_others(task: RequestTask, review: Review, deps: RequestReviewDeps) -> None:
    request = deps.generations.get(review.generation).request
    notification = waiting_notification(
        request, review, reminder=task.reminder, authoring_url=deps.authoring_url
    )
    notify(notification, notification_topic=deps.notification_topic)


def _is_open(review: Review, deps: RequestReviewDeps) -> bool:
    return review.decision is Decision.PENDING and deps.clock.now() < review.expires_at


def _answer_at_once(task: RequestTask, deps: RequestReviewDeps) -> None:
    ended = ExpireTask(generation=task.generation, round=task.round, review=task.review)
    expire_review(ended, reviews=deps.reviews, audit=deps.audit, clock=deps.clock)
    try:
        deps.review_tasks.resume_task(task.task_token)
    except TaskTokenGone:
        logger.info("task_token_gone", review=task.review)


def _mail_everybody(task: RequestTask, review: Review, deps: RequestReviewDeps) -> int:
    known = (address for address in review.reviewers if not address.startswith(PERSON))
    everybody = {reviewer_id(address): address for address in known}
    waiting = {
        reviewer: address
        for reviewer, address in everybody.items()
        if not deps.mailbox.is_sent(review.review, reviewer, task.reminder)
    }
    if not waiting:
        return 0
    invitation = _invitation(task, review, deps)
    for reviewer, address in waiting.items():
        deps.mailbox.send(
            invitation_email(
                invitation,
                address,
                signed=deps.links.link(review, address),
                code=deps.links.code(review, address),
            )
        )
        deps.mailbox.mark_sent(review.review, reviewer, task.reminder)
    return len(waiting)


def _invitation(task: RequestTask, review: Review, deps: RequestReviewDeps) -> Invitation:
    return Invitation(
        review=review,
        request=deps.generations.get(review.generation).request,
        drafts=edited_drafts(review, deps),
        league=deps.leagues.get(review.generation, review.round),
        reminder=task.reminder,
        public_url=deps.public_url,
    )
