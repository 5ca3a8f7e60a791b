"""Exactly one decision closes a review, and only a sensible one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursewright.domain.errors import (
    AlreadyDecided,
    DecisionInvalid,
    ReviewChanged,
    ReviewExpired,
    ReviewLocked,
)
from coursewright.domain.review import (
    FORGOTTEN,
    MAX_REASON_CHARS,
    MAX_TOTAL_REASON_CHARS,
    Decision,
    RejectedDraft,
    Review,
    ReviewedDraft,
    Ruling,
    decide,
    named,
    names,
    pseudonym,
    shortened,
)

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
REVIEW = Review(
    review="REVIEW#g#1",
    generation="g",
    round=1,
    drafts=(
        ReviewedDraft(draft="m/r1/d1", verified=True, content_sha256="1"),
        ReviewedDraft(draft="m/r1/d2", verified=False, content_sha256="2"),
    ),
    reviewers=("ada@example.edu",),
    shown_sha256="sha",
    link_salt="n",
    opened_at=NOW,
    expires_at=NOW + timedelta(days=12),
)


def ruling(decision: Decision = Decision.APPROVED, **changes: Any) -> Ruling:
    facts: dict[str, Any] = {"approved": ("m/r1/d1",), "notes": "Shorter texts, please."}
    return Ruling(
        decision=decision, reviewer="ada@example.edu", **(facts | {"shown_sha256": "sha"} | changes)
    )


def test_a_decision_closes_the_review() -> None:
    decided = decide(REVIEW, ruling(), now=NOW)

    assert decided.decision is Decision.APPROVED
    assert decided.approved == ("m/r1/d1",)
    assert decided.decided_at == NOW


def test_a_second_decision_is_refused_and_told_who_was_first() -> None:
    decided = decide(REVIEW, ruling(), now=NOW)

    with pytest.raises(AlreadyDecided) as caught:
        decide(decided, ruling(Decision.REJECTED), now=NOW)

    assert caught.value.decided_by == "ada@example.edu"


def test_a_late_decision_is_refused() -> None:
    with pytest.raises(ReviewExpired):
        decide(REVIEW, ruling(), now=REVIEW.expires_at)


def test_a_locked_review_takes_no_decision() -> None:
    with pytest.raises(ReviewLocked):
        decide(REVIEW.model_copy(update={"wrong_codes": 5}), ruling(), now=NOW)


def test_another_page_than_the_shown_one_decides_nothing() -> None:
    with pytest.raises(ReviewChanged):
        decide(REVIEW, ruling(shown_sha256="older"), now=NOW)


@pytest.mark.parametrize(
    "senseless",
    [
        ruling(approved=()),
        ruling(approved=("m/r1/d2",)),
        ruling(approved=("m/r1/d1", "m/r1/d9")),
        ruling(Decision.CHANGES_REQUESTED, notes=" \n"),
        ruling(Decision.CHANGES_REQUESTED, notes="x" * 10_001),
        ruling(Decision.PENDING),
        ruling(Decision.EXPIRED),
    ],
)
def test_a_senseless_ruling_decides_nothing(senseless: Ruling) -> None:
    with pytest.raises(DecisionInvalid):
        decide(REVIEW, senseless, now=NOW)


def test_a_rejection_publishes_nothing() -> None:
    assert decide(REVIEW, ruling(Decision.REJECTED), now=NOW).approved == ()


def test_a_pseudonym_is_told_by_its_review_alone() -> None:
    elsewhere = REVIEW.model_copy(update={"link_salt": "another"})

    ada = pseudonym(REVIEW, " Ada@example.edu")

    assert ada.startswith("person:")
    assert "ada" not in ada
    assert names(REVIEW) == {ada: "ada@example.edu"}
    assert pseudonym(elsewhere, "ada@example.edu") != ada


def test_whoever_was_forgotten_keeps_the_pseudonym_and_loses_the_name() -> None:
    ada, bo = (pseudonym(REVIEW, f"{name}@example.edu") for name in ("ada", "bo"))
    known_as = {bo: "bo@example.edu"}
    update = {"reviewers": (ada, "bo@example.edu"), "link_salt": "fresh", "known_as": known_as}
    forgotten = REVIEW.model_copy(update=update)

    told = names(forgotten)

    assert (told.get(ada, FORGOTTEN), told[bo]) == (FORGOTTEN, "bo@example.edu")
    assert pseudonym(forgotten, ada) == ada
    assert pseudonym(forgotten, "bo@example.edu") == bo


def test_people_read_an_address_or_that_somebody_was_forgotten() -> None:
    ada = pseudonym(REVIEW, "ada@example.edu")

    read = [named(REVIEW, who) for who in (ada, "ada@example.edu", "person:unknown")]

    assert read == ["ada@example.edu", "ada@example.edu", FORGOTTEN]


def test_reasons_that_a_review_cannot_hold_are_no_decision() -> None:
    drafts = tuple(
        ReviewedDraft(draft=f"m/r1/d{number}", verified=True, content_sha256="")
        for number in range(100)
    )
    review = REVIEW.model_copy(update={"drafts": drafts})
    rejected = tuple(RejectedDraft(draft=one.draft, reason="я" * 1_000) for one in drafts)

    with pytest.raises(DecisionInvalid, match="reasons_too_long"):
        decide(review, ruling(Decision.REJECTED, approved=(), rejected=rejected), now=NOW)


@given(st.lists(st.integers(min_value=0, max_value=3 * MAX_REASON_CHARS), max_size=100))
def test_kept_marks_hold_what_a_review_can(lengths: list[int]) -> None:
    rejected = [RejectedDraft(draft=str(at), reason="x" * long) for at, long in enumerate(lengths)]

    kept = list(shortened(rejected))

    assert [one.draft for one in kept] == [one.draft for one in rejected]
    assert sum(len(one.reason) for one in kept) <= MAX_TOTAL_REASON_CHARS
    assert all(one.reason in typed.reason for one, typed in zip(kept, rejected, strict=True))
