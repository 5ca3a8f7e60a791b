"""Each reviewer's links and attempts are counted separately, before codes are compared."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from coursewright.adapters.reviews import DynamoReviews
from coursewright.domain.access import MAX_ATTEMPTS, MIN_RENEWAL_INTERVAL, ReviewerAccess, renewed
from coursewright.domain.errors import InvitationRefused, LinkInvalid, ReviewChanged, ReviewLocked
from coursewright.domain.review import reviewer_id
from coursewright.domain.session import claims_for
from coursewright.ports.reviews import Reviews
from tests.contracts.records import NOW, review
from tests.fakes.memory_review import MemoryReviews

REVIEW = review()
ADA, GRACE = "ada@example.edu", "grace@example.edu"
FIRST = claims_for(REVIEW, ADA, ReviewerAccess())
GRACES = claims_for(REVIEW, GRACE, ReviewerAccess())


@pytest.fixture(params=["memory", "dynamodb"])
def reviews(request: pytest.FixtureRequest) -> Reviews:
    if request.param == "memory":
        return MemoryReviews()
    return DynamoReviews(request.getfixturevalue("table"), request.getfixturevalue("blobs"))


def test_the_sixth_attempt_is_refused_uncompared(reviews: Reviews) -> None:
    left = [reviews.count_attempt(FIRST) for _ in range(MAX_ATTEMPTS)]

    with pytest.raises(ReviewLocked):
        reviews.count_attempt(FIRST)

    assert left == [4, 3, 2, 1, 0]
    assert reviews.access(REVIEW.review, FIRST.reviewer).is_locked


def test_the_attempts_of_one_reviewer_leave_those_of_another(reviews: Reviews) -> None:
    for _ in range(MAX_ATTEMPTS):
        reviews.count_attempt(FIRST)

    assert reviews.count_attempt(GRACES) == MAX_ATTEMPTS - 1
    assert not reviews.access(REVIEW.review, GRACES.reviewer).is_locked


def test_parallel_guesses_count(reviews: Reviews) -> None:
    def guess(_: int) -> bool:
        try:
            reviews.count_attempt(FIRST)
        except ReviewLocked:
            return False
        return True

    with ThreadPoolExecutor(8) as crowd:
        compared = sum(crowd.map(guess, range(40)))

    assert compared == MAX_ATTEMPTS


def test_a_right_attempt_is_taken_back_once(reviews: Reviews) -> None:
    reviews.count_attempt(FIRST)
    reviews.count_attempt(FIRST)
    for _ in range(5):
        reviews.forget_attempt(FIRST)

    assert reviews.access(REVIEW.review, FIRST.reviewer).attempts == 0


def test_a_fresh_link_starts_again_and_ends_the_attempts_at_older_ones(reviews: Reviews) -> None:
    for _ in range(MAX_ATTEMPTS):
        reviews.count_attempt(FIRST)
    access = reviews.access(REVIEW.review, FIRST.reviewer)
    fresh = renewed(access, "fresh", now=NOW)

    reviews.renew_access(REVIEW.review, FIRST.reviewer, fresh)

    assert reviews.access(REVIEW.review, FIRST.reviewer) == fresh
    with pytest.raises(LinkInvalid):
        reviews.count_attempt(FIRST)
    reviews.forget_attempt(FIRST)
    assert reviews.count_attempt(claims_for(REVIEW, ADA, fresh)) == MAX_ATTEMPTS - 1


def test_two_fresh_links_at_once_are_one(reviews: Reviews) -> None:
    first = renewed(ReviewerAccess(), "first", now=NOW)
    second = renewed(ReviewerAccess(), "second", now=NOW + timedelta(seconds=1))
    reviews.renew_access(REVIEW.review, FIRST.reviewer, first)

    with pytest.raises(ReviewChanged):
        reviews.renew_access(REVIEW.review, FIRST.reviewer, second)

    assert reviews.access(REVIEW.review, FIRST.reviewer) == first


def test_there_are_three_codes_a_day(reviews: Reviews) -> None:
    access, now = ReviewerAccess(), NOW.replace(hour=9)
    for salt in ("second", "third"):
        access = renewed(access, salt, now=now)
        reviews.renew_access(REVIEW.review, reviewer_id(ADA), access)
        now += MIN_RENEWAL_INTERVAL

    with pytest.raises(InvitationRefused):
        renewed(reviews.access(REVIEW.review, reviewer_id(ADA)), "fourth", now=now)
    next_day = renewed(
        reviews.access(REVIEW.review, reviewer_id(ADA)), "x", now=now.replace(day=28)
    )
    assert next_day.renewals == 1
