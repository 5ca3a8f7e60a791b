"""A review is opened once and then decided or expired exactly once."""

from datetime import timedelta

import boto3
import pytest

from coursewright.adapters.audit import DynamoAudit
from coursewright.adapters.email import SesMailbox
from coursewright.adapters.review_tasks import DynamoReviewTasks
from coursewright.adapters.reviews import DynamoReviews
from coursewright.adapters.table import Table
from coursewright.domain.decision import decide
from coursewright.domain.errors import (
    AlreadyDecided,
    ReviewChanged,
    ReviewExpired,
    ReviewMissing,
    TaskTokenGone,
)
from coursewright.domain.review import Decision, Review, ReviewSubmission
from coursewright.ports.notifications import Mailbox
from coursewright.ports.reviews import Audit, Reviews
from tests.contracts.records import GENERATION, NOW, review
from tests.fakes.memory_review import MemoryAudit, MemoryMailbox, MemoryReviews

REVIEW = review()


def decided(decision: Decision = Decision.APPROVED, by: str = "ada@example.edu") -> Review:
    submission = ReviewSubmission(
        decision=decision,
        approved=("openai:m/r1/d1",),
        confirmed=("openai:m/r1/d1",),
        notes="Shorter – “please”.",
        shown_sha256=REVIEW.shown_sha256,
    )
    return decide(REVIEW, submission, reviewer=by, now=NOW + timedelta(hours=1))


@pytest.fixture(params=["memory", "dynamodb"])
def reviews(request: pytest.FixtureRequest) -> Reviews:
    if request.param == "memory":
        return MemoryReviews()
    return DynamoReviews(request.getfixturevalue("table"), request.getfixturevalue("blobs"))


def test_a_review_is_opened_once(reviews: Reviews) -> None:
    reviews.open(REVIEW)

    again = reviews.open(REVIEW.model_copy(update={"link_salt": "other"}))

    assert again == reviews.get(REVIEW.review) == REVIEW


def test_an_unknown_review_is_missing(reviews: Reviews) -> None:
    with pytest.raises(ReviewMissing):
        reviews.get("REVIEW#nobody#1")


def test_the_first_decision_wins_and_the_second_is_refused(reviews: Reviews) -> None:
    reviews.open(REVIEW)
    reviews.decide(decided())

    with pytest.raises(AlreadyDecided) as caught:
        reviews.decide(decided(Decision.REJECTED, by="bo@example.edu"))

    assert caught.value.decided_by == "ada@example.edu"
    assert reviews.get(REVIEW.review) == decided()


def test_a_decision_about_different_drafts_is_refused(reviews: Reviews) -> None:
    reviews.open(REVIEW)

    with pytest.raises(ReviewChanged):
        reviews.decide(decided().model_copy(update={"shown_sha256": "older"}))

    assert reviews.get(REVIEW.review).decision is Decision.PENDING


def test_a_decision_after_the_deadline_is_refused(reviews: Reviews) -> None:
    reviews.open(REVIEW)

    with pytest.raises(ReviewExpired):
        reviews.decide(decided().model_copy(update={"decided_at": REVIEW.expires_at}))


def test_a_decided_review_does_not_expire(reviews: Reviews) -> None:
    reviews.open(REVIEW)
    reviews.decide(decided())

    assert reviews.expire(REVIEW.review, now=NOW) is False
    assert reviews.get(REVIEW.review).decision is Decision.APPROVED


def test_an_expired_review_cannot_be_decided(reviews: Reviews) -> None:
    reviews.open(REVIEW)

    assert reviews.expire(REVIEW.review, now=NOW) is True
    with pytest.raises(ReviewExpired):
        reviews.decide(decided())


def test_a_decision_is_undelivered_until_the_workflow_knows(reviews: Reviews) -> None:
    reviews.open(REVIEW)
    before = reviews.list_undelivered()
    reviews.decide(decided())
    between = reviews.list_undelivered()
    reviews.mark_delivered(REVIEW.review)

    assert (before, reviews.list_undelivered()) == ((), ())
    assert [state.review for state in between] == [REVIEW.review]
    assert reviews.get(REVIEW.review).delivered


@pytest.fixture(params=["memory", "dynamodb"])
def mailbox(request: pytest.FixtureRequest) -> Mailbox:
    if request.param == "memory":
        return MemoryMailbox()
    table = request.getfixturevalue("table")
    return SesMailbox(boto3.client("sesv2"), table, sender="", configuration="")


def test_a_sent_email_is_recorded_per_reviewer_and_reminder(mailbox: Mailbox) -> None:
    before = mailbox.is_sent(REVIEW.review, "ada", 0)
    mailbox.mark_sent(REVIEW.review, "ada", 0)

    assert before is False
    assert mailbox.is_sent(REVIEW.review, "ada", 0) is True
    assert mailbox.is_sent(REVIEW.review, "ada", 1) is False
    assert mailbox.is_sent(REVIEW.review, "bo", 0) is False


@pytest.fixture(params=["memory", "dynamodb"])
def audit(request: pytest.FixtureRequest) -> Audit:
    if request.param == "memory":
        return MemoryAudit()
    return DynamoAudit(request.getfixturevalue("table"))


def test_the_audit_stores_each_entry_once_in_order(audit: Audit) -> None:
    audit.add(GENERATION, "decided", {"by": "ada"}, now=NOW + timedelta(seconds=1))
    audit.add(GENERATION, "opened", {}, now=NOW)
    audit.add(GENERATION, "opened", {}, now=NOW)

    assert [entry["event"] for entry in audit.entries(GENERATION)] == ["opened", "decided"]


def test_the_newest_task_token_is_stored_and_an_unknown_one_is_gone(table: Table) -> None:
    tasks = DynamoReviewTasks(table, boto3.client("stepfunctions"))

    with pytest.raises(TaskTokenGone):
        tasks.resume(REVIEW)
    tasks.save(REVIEW, 1, "second", now=NOW)
    tasks.save(REVIEW, 0, "first", now=NOW)

    stored = table.get(f"TOKEN#{GENERATION}#1", "CURRENT")
    assert stored is not None
    assert stored["task_token"] == "second"
    with pytest.raises(TaskTokenGone):
        tasks.resume(REVIEW)
