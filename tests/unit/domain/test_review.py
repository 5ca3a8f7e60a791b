"""A review is closed by exactly one decision, which must be valid."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursewright.domain.decision import decide, is_same_decision
from coursewright.domain.errors import (
    AlreadyDecided,
    DecisionInvalid,
    ReviewChanged,
    ReviewExpired,
)
from coursewright.domain.evidence import FindingCode
from coursewright.domain.problems import ProblemCode
from coursewright.domain.review import (
    MAX_REASON_CHARS,
    MAX_TOTAL_REASON_CHARS,
    Decision,
    RejectedDraft,
    Review,
    ReviewedDraft,
    ReviewSubmission,
    display_name,
    display_names,
    hash_shown_drafts,
    pseudonym,
    truncate_reasons,
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


def submission(decision: Decision = Decision.APPROVED, **changes: Any) -> ReviewSubmission:
    facts: dict[str, Any] = {"approved": ("m/r1/d1",), "notes": "Shorter texts, please."}
    return ReviewSubmission(decision=decision, **(facts | {"shown_sha256": "sha"} | changes))


def decided_by_ada(review: Review, sent: ReviewSubmission, *, now: datetime = NOW) -> Review:
    return decide(review, sent, reviewer="ada@example.edu", now=now)


def test_a_decision_closes_the_review() -> None:
    decided = decided_by_ada(REVIEW, submission(), now=NOW)

    assert decided.decision is Decision.APPROVED
    assert decided.approved == ("m/r1/d1",)
    assert decided.decided_at == NOW


def test_a_second_decision_is_refused_and_names_the_first_reviewer() -> None:
    decided = decided_by_ada(REVIEW, submission(), now=NOW)

    with pytest.raises(AlreadyDecided) as caught:
        decided_by_ada(decided, submission(Decision.REJECTED), now=NOW)

    assert caught.value.decided_by == "ada@example.edu"


def test_a_late_decision_is_refused() -> None:
    with pytest.raises(ReviewExpired):
        decided_by_ada(REVIEW, submission(), now=REVIEW.expires_at)


def test_a_page_showing_different_content_decides_nothing() -> None:
    with pytest.raises(ReviewChanged):
        decided_by_ada(REVIEW, submission(shown_sha256="older"), now=NOW)


@pytest.mark.parametrize(
    "senseless",
    [
        submission(approved=()),
        submission(approved=("m/r1/d2",)),
        submission(approved=("m/r1/d1", "m/r1/d9")),
        submission(Decision.CHANGES_REQUESTED, notes=" \n"),
        submission(Decision.CHANGES_REQUESTED, notes="x" * 10_001),
        submission(Decision.PENDING),
        submission(Decision.EXPIRED),
    ],
)
def test_a_contradictory_submission_decides_nothing(senseless: ReviewSubmission) -> None:
    with pytest.raises(DecisionInvalid):
        decided_by_ada(REVIEW, senseless, now=NOW)


def test_a_blocking_doubt_must_be_confirmed() -> None:
    doubtful = _with_blocking_doubt(REVIEW)

    with pytest.raises(DecisionInvalid) as caught:
        decided_by_ada(doubtful, submission(confirmed=("m/r1/d2",)))

    assert caught.value.code is ProblemCode.DOUBTS_NOT_CONFIRMED
    assert caught.value.params == {"drafts": 1}


def test_a_confirmation_is_recorded_with_the_doubts_that_it_covers() -> None:
    sent = submission(confirmed=("m/r1/d1", "m/r1/d2"))

    decided = decided_by_ada(_with_blocking_doubt(REVIEW), sent)

    assert decided.confirmed_doubts == {"m/r1/d1": (FindingCode.AMBIGUOUS,)}
    assert is_same_decision(decided, sent, reviewer="ada@example.edu")


@pytest.mark.parametrize("decision", [Decision.REJECTED, Decision.CHANGES_REQUESTED])
def test_a_doubt_needs_no_confirmation_unless_drafts_are_published(decision: Decision) -> None:
    sent = submission(decision, confirmed=("m/r1/d1",))

    assert decided_by_ada(_with_blocking_doubt(REVIEW), sent).confirmed == ()


def test_a_blocking_doubt_is_part_of_what_was_shown() -> None:
    assert hash_shown_drafts(REVIEW.drafts) != hash_shown_drafts(
        _with_blocking_doubt(REVIEW).drafts
    )


def _with_blocking_doubt(review: Review) -> Review:
    doubts = {"blocking_doubts": (FindingCode.AMBIGUOUS,)}
    first, *others = review.drafts
    return review.model_copy(update={"drafts": (first.model_copy(update=doubts), *others)})


def test_a_rejection_publishes_nothing() -> None:
    assert decided_by_ada(REVIEW, submission(Decision.REJECTED), now=NOW).approved == ()


def test_only_the_review_resolves_its_pseudonyms() -> None:
    elsewhere = REVIEW.model_copy(update={"link_salt": "another"})

    ada = pseudonym(REVIEW, " Ada@example.edu")

    assert ada.startswith("person:")
    assert "ada" not in ada
    assert display_names(REVIEW) == {ada: "ada@example.edu"}
    assert pseudonym(elsewhere, "ada@example.edu") != ada


def test_an_erased_reviewer_keeps_the_pseudonym_without_a_name() -> None:
    ada, bo = (pseudonym(REVIEW, f"{name}@example.edu") for name in ("ada", "bo"))
    known_as = {bo: "bo@example.edu"}
    update = {"reviewers": (ada, "bo@example.edu"), "link_salt": "fresh", "known_as": known_as}
    erased = REVIEW.model_copy(update=update)

    names = display_names(erased)

    assert (names.get(ada), names[bo]) == (None, "bo@example.edu")
    assert pseudonym(erased, ada) == ada
    assert pseudonym(erased, "bo@example.edu") == bo


def test_an_erased_reviewer_has_no_display_name() -> None:
    ada = pseudonym(REVIEW, "ada@example.edu")

    read = [display_name(REVIEW, who) for who in (ada, "ada@example.edu", "person:unknown")]

    assert read == ["ada@example.edu", "ada@example.edu", None]


def test_reasons_beyond_the_limit_are_refused() -> None:
    drafts = tuple(
        ReviewedDraft(draft=f"m/r1/d{number}", verified=True, content_sha256="")
        for number in range(100)
    )
    review = REVIEW.model_copy(update={"drafts": drafts})
    rejected = tuple(RejectedDraft(draft=draft.draft, reason="я" * 1_000) for draft in drafts)

    with pytest.raises(DecisionInvalid, match="reasons_too_long"):
        decided_by_ada(
            review, submission(Decision.REJECTED, approved=(), rejected=rejected), now=NOW
        )


@given(st.lists(st.integers(min_value=0, max_value=3 * MAX_REASON_CHARS), max_size=100))
def test_truncated_reasons_fit_in_a_review(lengths: list[int]) -> None:
    rejected = [RejectedDraft(draft=str(at), reason="x" * long) for at, long in enumerate(lengths)]

    truncated = list(truncate_reasons(rejected))

    assert [reason.draft for reason in truncated] == [rejection.draft for rejection in rejected]
    assert sum(len(reason.reason) for reason in truncated) <= MAX_TOTAL_REASON_CHARS
    assert all(
        reason.reason in typed.reason for reason, typed in zip(truncated, rejected, strict=True)
    )
