"""Each edit has its own number, is verified once, and is rejected after the review's end."""

from datetime import timedelta

import pytest

from coursewright.domain.assignment import Dataset
from coursewright.domain.decision import decide
from coursewright.domain.edit import Edit, EditCheck, Parts
from coursewright.domain.errors import AlreadyDecided, EditConflict, ReviewChanged
from coursewright.domain.evidence import Evidence, Verdict
from coursewright.domain.review import (
    Decision,
    RejectedDraft,
    Review,
    ReviewSubmission,
    SavedSelection,
)
from coursewright.ports.reviews import Reviews
from tests.contracts.records import NOW, review
from tests.contracts.test_reviews import reviews

__all__ = ["reviews"]
REVIEW = review()
DRAFT = REVIEW.drafts[0].draft
DATASET = Dataset(name="a", seed_sql="", expected_columns=("n",), expected_rows=((1.5, None, "ü"),))


def edit(number: int = 1, *, size: int = 1, back_to: int | None = None) -> Edit:
    parts = Parts(
        name="Sums",
        text="<p>ünïcode</p>",
        code="x" * size,
        schema_sql="",
        tests="import unittest",
        datasets=(DATASET,),
        solution="y",
    )
    facts = {"parts": parts} if back_to is None else {"restores": back_to}
    return Edit.model_validate(
        {"draft": DRAFT, "number": number, "base": number - 1, "editor": "person:1"}
        | {"edited_at": NOW}
        | facts
    )


def check(number: int = 1, *, is_verified: bool = True) -> EditCheck:
    evidence = Evidence(verdict=Verdict.VERIFIED if is_verified else Verdict.REJECTED, tests_run=3)
    return EditCheck(draft=DRAFT, number=number, is_verified=is_verified, evidence=evidence)


def opened(reviews: Reviews) -> Review:
    return reviews.open(REVIEW)


def decided(standing: Review) -> Review:
    submission = ReviewSubmission(
        decision=Decision.APPROVED,
        approved=(DRAFT,),
        confirmed=(DRAFT,),
        rejected=(RejectedDraft(draft=DRAFT + "2", reason="dull"),),
        shown_sha256=standing.shown_sha256,
    )
    more = REVIEW.drafts[0].model_copy(update={"draft": DRAFT + "2"})
    with_two = standing.model_copy(update={"drafts": (*standing.drafts, more)})
    return decide(with_two, submission, reviewer="ada@example.edu", now=NOW + timedelta(hours=1))


def test_a_review_without_edits_has_none(reviews: Reviews) -> None:
    assert reviews.edits(opened(reviews)) == ()


@pytest.mark.parametrize("size", [1, 300_000])
def test_edits_are_sorted_by_number_with_their_verification(reviews: Reviews, size: int) -> None:
    opened(reviews)
    for version in (edit(1, size=size), edit(2, back_to=0), edit(3)):
        reviews.save_edit(REVIEW.review, version, now=NOW)
    reviews.save_check(REVIEW.review, check(1))

    found = reviews.edits(reviews.get(REVIEW.review))

    checked = edit(1, size=size).model_copy(update={"check": check(1)})
    assert found == (checked, edit(2, back_to=0), edit(3))


def test_the_second_edit_of_a_number_is_refused(reviews: Reviews) -> None:
    opened(reviews)
    reviews.save_edit(REVIEW.review, edit(), now=NOW)

    with pytest.raises(EditConflict):
        reviews.save_edit(REVIEW.review, edit(size=2), now=NOW)

    assert reviews.edits(reviews.get(REVIEW.review)) == (edit(),)


def test_an_edit_keeps_its_first_verification(reviews: Reviews) -> None:
    opened(reviews)
    reviews.save_edit(REVIEW.review, edit(), now=NOW)

    outcomes = [
        reviews.save_check(REVIEW.review, check(is_verified=is_verified))
        for is_verified in (True, False)
    ]

    assert outcomes == [True, False]
    (found,) = reviews.edits(reviews.get(REVIEW.review))
    assert found.check == check(is_verified=True)


def test_every_edit_and_every_verification_starts_a_new_edition(reviews: Reviews) -> None:
    editions = [opened(reviews).edition]
    reviews.save_edit(REVIEW.review, edit(), now=NOW)
    editions.append(reviews.get(REVIEW.review).edition)
    reviews.save_check(REVIEW.review, check())
    editions.append(reviews.get(REVIEW.review).edition)

    assert editions == [0, 1, 2]


def test_a_decision_about_an_earlier_edition_is_refused(reviews: Reviews) -> None:
    standing = opened(reviews)
    reviews.save_edit(REVIEW.review, edit(), now=NOW)

    with pytest.raises(ReviewChanged):
        reviews.decide(decided(standing))

    assert reviews.get(REVIEW.review).decision is Decision.PENDING


def test_a_decision_records_what_was_shown_of_the_edited_drafts(reviews: Reviews) -> None:
    opened(reviews)
    reviews.save_edit(REVIEW.review, edit(), now=NOW)
    drafts = (REVIEW.drafts[0].model_copy(update={"content_sha256": "edited"}),)
    now = reviews.get(REVIEW.review).model_copy(update={"drafts": drafts, "shown_sha256": "edited"})

    reviews.decide(decided(now))

    assert reviews.get(REVIEW.review) == decided(now)


@pytest.mark.parametrize("end", ["decided", "expired", "over"])
def test_an_ended_review_cannot_be_edited(reviews: Reviews, end: str) -> None:
    standing, now = opened(reviews), NOW
    if end == "decided":
        reviews.decide(decided(standing))
    elif end == "expired":
        reviews.expire(REVIEW.review, now=NOW)
    else:
        now = REVIEW.expires_at

    with pytest.raises(EditConflict):
        reviews.save_edit(REVIEW.review, edit(), now=now)

    assert reviews.edits(reviews.get(REVIEW.review)) == ()


def test_a_verification_after_the_decision_is_discarded(reviews: Reviews) -> None:
    opened(reviews)
    reviews.save_edit(REVIEW.review, edit(), now=NOW)
    reviews.decide(decided(reviews.get(REVIEW.review)))

    assert reviews.save_check(REVIEW.review, check()) is False
    assert reviews.edits(reviews.get(REVIEW.review)) == (edit(),)


def test_a_selection_is_stored_per_reviewer_and_replaced(reviews: Reviews) -> None:
    opened(reviews)
    selection = SavedSelection(decision=Decision.APPROVED, approved=REVIEW.drafts, notes="ünïcode")
    reviews.save_selection(REVIEW.review, "ada", SavedSelection(notes="first"))

    reviews.save_selection(REVIEW.review, "ada", selection)

    assert reviews.selection(REVIEW.review, "ada") == selection
    assert reviews.selection(REVIEW.review, "bo") == SavedSelection()


def test_an_invitation_survives_the_decision(reviews: Reviews) -> None:
    standing = opened(reviews)
    changed = standing.model_copy(update={"reviewers": (*REVIEW.reviewers, "cy@example.edu")})

    reviews.invite(changed, now=NOW)
    reviews.decide(decided(reviews.get(REVIEW.review)))

    assert reviews.get(REVIEW.review).reviewers == changed.reviewers


def test_an_invitation_of_an_earlier_edition_is_refused(reviews: Reviews) -> None:
    standing = opened(reviews)
    reviews.invite(standing, now=NOW)

    with pytest.raises(ReviewChanged):
        reviews.invite(standing.model_copy(update={"reviewers": ("cy@example.edu",)}), now=NOW)

    assert reviews.get(REVIEW.review).reviewers == REVIEW.reviewers


def test_an_invitation_after_the_decision_is_refused(reviews: Reviews) -> None:
    reviews.decide(decided(opened(reviews)))

    with pytest.raises(AlreadyDecided):
        reviews.invite(reviews.get(REVIEW.review), now=NOW)
