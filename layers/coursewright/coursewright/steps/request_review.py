"""Mails the reviewers, once per reminder, and leaves the execution waiting."""

from dataclasses import dataclass

from coursewright.domain.base import Record
from coursewright.domain.errors import TaskTokenGone
from coursewright.domain.review import PERSON, Decision, Review, reviewer_id
from coursewright.observability import logger
from coursewright.pages.email import Invitation, invitation_mail
from coursewright.pages.notifications import waiting_notice
from coursewright.ports.mail import Mailbox, Noticeboard, SentMails
from coursewright.ports.reviews import Audit, ReviewTasks
from coursewright.steps.expire_review import ExpireTask, expire_review
from coursewright.steps.notify import tell_notice
from coursewright.web.session import ReviewDesk, drafts_as_edited


class RequestTask(Record):
    """The input of the step."""

    generation: str
    round: int
    review: str
    reminder: int
    task_token: str


@dataclass(frozen=True)
class RequestDesk(ReviewDesk):
    """What a request for a review is sent with, besides."""

    review_tasks: ReviewTasks
    sent_mails: SentMails
    mailbox: Mailbox
    audit: Audit
    noticeboard: Noticeboard
    public_url: str
    desk_url: str


def request_review(task: RequestTask, *, desk: RequestDesk) -> dict[str, int]:
    """Keep the task token and mail every reviewer, unless there is nothing left to decide."""
    review = desk.reviews.get(task.review)
    if _is_open(review, desk):
        desk.review_tasks.remember(review, task.reminder, task.task_token, now=desk.clock.now())
        # A decision made in between may have met the token before this one, or none.
        review = desk.reviews.get(task.review)
    if not _is_open(review, desk):
        _answer_at_once(task, desk)
        return {"mailed": 0}
    mailed = _mail_everybody(task, review, desk)
    if mailed:
        _tell_others(task, review, desk)
    return {"mailed": mailed}


def _tell_others(task: RequestTask, review: Review, desk: RequestDesk) -> None:
    request = desk.generations.get(review.generation).request
    notice = waiting_notice(request, review, reminder=task.reminder, desk_url=desk.desk_url)
    tell_notice(notice, noticeboard=desk.noticeboard)


def _is_open(review: Review, desk: RequestDesk) -> bool:
    return review.decision is Decision.PENDING and desk.clock.now() < review.expires_at


def _answer_at_once(task: RequestTask, desk: RequestDesk) -> None:
    ended = ExpireTask(generation=task.generation, round=task.round, review=task.review)
    expire_review(ended, reviews=desk.reviews, audit=desk.audit, clock=desk.clock)
    try:
        desk.review_tasks.answer(task.task_token)
    except TaskTokenGone:
        logger.info("task_token_gone", review=task.review)


def _mail_everybody(task: RequestTask, review: Review, desk: RequestDesk) -> int:
    known = (address for address in review.reviewers if not address.startswith(PERSON))
    everybody = {reviewer_id(address): address for address in known}
    waiting = {
        reviewer: address
        for reviewer, address in everybody.items()
        if desk.sent_mails.claim(review.review, reviewer, task.reminder)
    }
    if not waiting:
        return 0
    invitation = _invitation(task, review, desk)
    for reviewer, address in waiting.items():
        desk.mailbox.send(
            invitation_mail(
                invitation,
                address,
                signed=desk.links.link(review, address),
                code=desk.links.code(review, address),
            )
        )
        desk.sent_mails.confirm(review.review, reviewer, task.reminder)
    return len(waiting)


def _invitation(task: RequestTask, review: Review, desk: RequestDesk) -> Invitation:
    return Invitation(
        review=review,
        request=desk.generations.get(review.generation).request,
        drafts=drafts_as_edited(review, desk),
        league=desk.leagues.get(review.generation, review.round),
        reminder=task.reminder,
        public_url=desk.public_url,
    )
