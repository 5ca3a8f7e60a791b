"""Reviews: opened once, decided once, expired once, and never two of these."""

from datetime import timedelta

import boto3
import pytest

from coursewright.adapters.reviews import (
    DynamoAudit,
    DynamoReviews,
    DynamoReviewTasks,
    DynamoSentMails,
)
from coursewright.adapters.table import Table
from coursewright.domain.errors import (
    AlreadyDecided,
    ReviewChanged,
    ReviewExpired,
    ReviewMissing,
    TaskTokenGone,
)
from coursewright.domain.review import Decision, Review, Ruling, decide
from coursewright.ports.mail import SentMails
from coursewright.ports.reviews import Audit, Reviews
from tests.contracts.records import GENERATION, NOW, review
from tests.fakes.memory_review import MemoryAudit, MemoryReviews, MemorySentMails

REVIEW = review()


def decided(decision: Decision = Decision.APPROVED, by: str = "ada@example.edu") -> Review:
    ruling = Ruling(
        decision=decision,
        approved=("openai:m/r1/d1",),
        notes="Shorter – “please”.",
        reviewer=by,
        shown_sha256=REVIEW.shown_sha256,
    )
    return decide(REVIEW, ruling, now=NOW + timedelta(hours=1))


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


def test_the_first_decision_wins_and_the_second_is_told(reviews: Reviews) -> None:
    reviews.open(REVIEW)
    reviews.decide(decided())

    with pytest.raises(AlreadyDecided) as caught:
        reviews.decide(decided(Decision.REJECTED, by="bo@example.edu"))

    assert caught.value.decided_by == "ada@example.edu"
    assert reviews.get(REVIEW.review) == decided()


def test_a_decision_about_other_drafts_is_refused(reviews: Reviews) -> None:
    reviews.open(REVIEW)

    with pytest.raises(ReviewChanged):
        reviews.decide(decided().model_copy(update={"shown_sha256": "older"}))

    assert reviews.get(REVIEW.review).decision is Decision.PENDING


def test_a_decision_after_the_last_moment_is_refused(reviews: Reviews) -> None:
    reviews.open(REVIEW)

    with pytest.raises(ReviewExpired):
        reviews.decide(decided().model_copy(update={"decided_at": REVIEW.expires_at}))


def test_expiry_loses_against_a_decision(reviews: Reviews) -> None:
    reviews.open(REVIEW)
    reviews.decide(decided())

    assert reviews.expire(REVIEW.review, now=NOW) is False
    assert reviews.get(REVIEW.review).decision is Decision.APPROVED


def test_a_decision_loses_against_expiry(reviews: Reviews) -> None:
    reviews.open(REVIEW)

    assert reviews.expire(REVIEW.review, now=NOW) is True
    with pytest.raises(ReviewExpired):
        reviews.decide(decided())


def test_wrong_codes_are_counted(reviews: Reviews) -> None:
    reviews.open(REVIEW)

    assert [reviews.count_wrong_code(REVIEW.review) for _ in range(3)] == [1, 2, 3]
    assert reviews.get(REVIEW.review).wrong_codes == 3


def test_a_decision_is_undelivered_until_the_workflow_knows(reviews: Reviews) -> None:
    reviews.open(REVIEW)
    before = reviews.undelivered()
    reviews.decide(decided())
    between = reviews.undelivered()
    reviews.mark_delivered(REVIEW.review)

    assert (before, reviews.undelivered()) == ((), ())
    assert [one.review for one in between] == [REVIEW.review]
    assert reviews.get(REVIEW.review).delivered


@pytest.fixture(params=["memory", "dynamodb"])
def sent_mails(request: pytest.FixtureRequest) -> SentMails:
    if request.param == "memory":
        return MemorySentMails()
    return DynamoSentMails(request.getfixturevalue("table"))


def test_a_confirmed_mail_is_not_sent_again(sent_mails: SentMails) -> None:
    first = sent_mails.claim(REVIEW.review, "ada", 0)
    sent_mails.confirm(REVIEW.review, "ada", 0)

    assert first is True
    assert sent_mails.claim(REVIEW.review, "ada", 0) is False
    assert sent_mails.claim(REVIEW.review, "ada", 1) is True
    assert sent_mails.claim(REVIEW.review, "bo", 0) is True


@pytest.fixture(params=["memory", "dynamodb"])
def audit(request: pytest.FixtureRequest) -> Audit:
    if request.param == "memory":
        return MemoryAudit()
    return DynamoAudit(request.getfixturevalue("table"))


def test_the_audit_keeps_each_entry_once_in_order(audit: Audit) -> None:
    audit.add(GENERATION, "decided", {"by": "ada"}, now=NOW + timedelta(seconds=1))
    audit.add(GENERATION, "opened", {}, now=NOW)
    audit.add(GENERATION, "opened", {}, now=NOW)

    assert [entry["event"] for entry in audit.entries(GENERATION)] == ["opened", "decided"]


def test_the_newest_task_token_is_kept_and_an_unknown_one_is_gone(table: Table) -> None:
    tasks = DynamoReviewTasks(table, boto3.client("stepfunctions"))

    with pytest.raises(TaskTokenGone):
        tasks.wake(REVIEW)
    tasks.remember(REVIEW, 1, "second", now=NOW)
    tasks.remember(REVIEW, 0, "first", now=NOW)

    kept = table.get(f"TOKEN#{GENERATION}#1", "CURRENT")
    assert kept is not None
    assert kept["task_token"] == "second"
    with pytest.raises(TaskTokenGone):
        tasks.wake(REVIEW)
