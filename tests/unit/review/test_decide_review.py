"""Tests reviewers' decisions, and everything that must not count as one."""

import base64
import json
import re

import pytest

from coursewright.domain.base import text_sha256
from coursewright.domain.decision import decide
from coursewright.domain.errors import ResumeFailed
from coursewright.domain.review import Decision, ReviewSubmission, display_names
from coursewright.steps.expire_review import ExpireTask, expire_review
from coursewright.steps.sweep_reviews import sweep_reviews
from coursewright.web.http import parse_request
from tests.unit.review.builders import (
    ADA,
    GENERATION,
    GRACE,
    REVIEW,
    ReviewHarness,
    http_event,
    stored,
)


@pytest.fixture
def harness() -> ReviewHarness:
    opened = ReviewHarness().open()
    opened.request()
    return opened


def test_a_decision_is_recorded_audited_and_delivered(harness: ReviewHarness) -> None:
    cookie = harness.enter()

    answer = harness.send(cookie, harness.form(cookie, approve=[harness.publishable[0]]))

    assert (answer.status, answer.headers["location"]) == (303, f"/reviews/{GENERATION}/1")
    assert (harness.review.decision, harness.review.decided_by) == (Decision.APPROVED, ADA)
    assert harness.review.approved == (harness.publishable[0],)
    assert harness.review.delivered
    assert harness.review_tasks.woken == ["token-0"]
    assert [event["decision"] for event in harness.events("review_decided")] == ["approved"]


def test_a_base64_encoded_form_is_accepted(harness: ReviewHarness) -> None:
    event = http_event("POST", {}, "")
    event["headers"] |= {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    event |= {"body": base64.b64encode(b"notes=sch%C3%B6n").decode(), "isBase64Encoded": True}

    request = parse_request(event, public_url="")

    assert request.field("notes") == "schön"


def test_a_double_click_decides_once(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    form = harness.form(cookie)

    answers = [harness.send(cookie, form).status for _ in range(2)]

    assert answers == [303, 303]
    assert harness.review_tasks.woken == ["token-0"]
    assert len(harness.events("review_decided")) == 1


def test_a_delivered_decision_is_not_sent_again(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    form = harness.form(cookie)
    harness.send(cookie, form)

    harness.review_tasks.waiting.add("token-0")
    harness.send(cookie, form)

    assert harness.review_tasks.woken == ["token-0"]


def test_a_wrong_code_after_the_decision_is_not_counted(harness: ReviewHarness) -> None:
    first, second = harness.enter(ADA), harness.enter(GRACE)
    harness.send(first, harness.form(first))

    answer = harness.send(second, harness.form(second, GRACE, decision="rejected", code="x"))

    assert answer.status == 409
    assert harness.access().attempts == harness.access(GRACE).attempts == 0


def test_the_second_reviewer_sees_who_decided_and_when(harness: ReviewHarness) -> None:
    first, second = harness.enter(ADA), harness.enter(GRACE)
    harness.send(first, harness.form(first))

    answer = harness.send(second, harness.form(second, GRACE, decision="rejected"))

    assert answer.status == 409
    assert "This review has already been decided" in answer.body
    assert ADA in answer.body
    assert "Sun 22 Nov 2026, 19:00 UTC" in answer.body
    assert "<form" not in answer.body
    assert harness.review.decision is Decision.APPROVED


@pytest.mark.parametrize(
    ("changes", "headers"),
    [
        ({"code": ""}, None),
        ({"csrf": ""}, None),
        ({"csrf": "0" * 64}, None),
        ({}, {"origin": "https://elsewhere.example"}),
        ({}, {"origin": "null"}),
        ({}, {"sec-fetch-site": "cross-site"}),
        ({}, {}),
    ],
)
def test_a_scanner_that_submits_the_form_decides_nothing(
    harness: ReviewHarness, changes: dict[str, str], headers: dict[str, str] | None
) -> None:
    cookie = harness.enter()

    answers = []
    for _ in range(20):
        answers.append(harness.send(cookie, harness.form(cookie, **changes), headers=headers))
        harness.clock.advance(seconds=1)

    assert {answer.status for answer in answers} == {403}
    assert harness.review.decision is Decision.PENDING
    assert harness.access().attempts == harness.access(GRACE).attempts == 0
    assert len(harness.events("decision_refused")) == 1


def test_a_form_of_our_own_page_without_an_origin_header_is_accepted(
    harness: ReviewHarness,
) -> None:
    cookie = harness.enter()
    headers = {"origin": "null", "sec-fetch-site": "same-origin"}

    answer = harness.send(cookie, harness.form(cookie), headers=headers)

    assert answer.status == 303


def test_a_submission_without_a_session_writes_nothing(harness: ReviewHarness) -> None:
    form, writes = harness.form(harness.enter()), harness.reviews.writes

    answer = harness.send("", form)

    assert answer.status == 404
    assert harness.reviews.writes == writes
    assert harness.events("decision_refused") == []


def test_a_wrong_code_preserves_the_form_and_shows_the_remaining_attempts(
    harness: ReviewHarness,
) -> None:
    cookie = harness.enter()
    wrong = "000000" if harness.code() != "000000" else "111111"

    answer = harness.send(cookie, harness.form(cookie, code=wrong, notes="Task 2 <is> long."))

    assert answer.status == 403
    assert "Attempts left before your link is locked: 4." in answer.body
    assert "Task 2 &lt;is&gt; long." in answer.body
    assert answer.body.count(" checked") == 4


def test_five_wrong_codes_lock_the_link_even_for_the_correct_one(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    wrong = "000000" if harness.code() != "000000" else "111111"

    guesses = [harness.send(cookie, harness.form(cookie, code=wrong)).status for _ in range(5)]
    answer = harness.send(cookie, harness.form(cookie))

    assert guesses == [403, 403, 403, 403, 423]
    assert answer.status == 423
    assert "Request a new link" in answer.body
    assert harness.review.decision is Decision.PENDING
    kinds = [event["kind"] for event in harness.events("decision_refused")]
    assert sorted(kinds) == ["CodeWrong", "ReviewLocked"]


def test_a_right_code_is_not_counted(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    wrong = "000000" if harness.code() != "000000" else "111111"

    harness.send(cookie, harness.form(cookie, code=wrong))
    harness.send(cookie, harness.form(cookie))

    assert harness.access().attempts == 1


def test_refusals_are_audited_once_per_reviewer(harness: ReviewHarness) -> None:
    for address in (ADA, GRACE, ADA):
        cookie = harness.enter(address)
        harness.send(cookie, harness.form(cookie, code=""))

    assert len({event["reviewer"] for event in harness.events("decision_refused")}) == 2
    assert len(harness.events("decision_refused")) == 2


def test_the_code_of_another_reviewer_does_not_count(harness: ReviewHarness) -> None:
    cookie = harness.enter(ADA)

    answer = harness.send(cookie, harness.form(cookie, code=harness.code(GRACE)))

    assert answer.status == 403
    assert (harness.access(ADA).attempts, harness.access(GRACE).attempts) == (1, 0)


def test_a_code_may_contain_a_space(harness: ReviewHarness) -> None:
    cookie, code = harness.enter(), harness.code()

    answer = harness.send(cookie, harness.form(cookie, code=f" {code[:3]} {code[3:]} "))

    assert answer.status == 303


def test_drafts_that_changed_after_loading_are_not_decided_upon(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    form = harness.form(cookie)

    harness.reviews.replace_shown_content(REVIEW, "another-fingerprint")
    answer = harness.send(cookie, form)

    assert answer.status == 409
    assert "have changed since you opened this page" in answer.body
    assert harness.review.decision is Decision.PENDING


def test_a_page_showing_different_drafts_cannot_decide(
    harness: ReviewHarness,
) -> None:
    cookie = harness.enter()
    shown_now = harness.drafts.of_round(GENERATION, 1)
    harness.drafts = stored(shown_now, test_code="import unittest  # exchanged\n")

    page = harness.page(cookie).body
    answer = harness.send(cookie, harness.form(cookie, shown_sha256=_hidden(page, "shown_sha256")))

    assert answer.status == 409
    assert harness.review.decision is Decision.PENDING


@pytest.mark.parametrize(
    ("changes", "problem_text"),
    [
        ({"decision": ""}, "Choose whether to publish, request changes or reject"),
        ({"decision": "expired"}, "Choose whether to publish, request changes or reject"),
        ({"decision": "<b>"}, "Choose whether to publish, request changes or reject"),
        ({"approve": []}, "Nothing is selected for publication."),
        ({"approve": ["openai:model-b/r1/d2"]}, "not verified cannot be published"),
        ({"decision": "changes_requested", "notes": " "}, "Describe the changes"),
        ({"notes": "x" * 10_001}, "longer than 10,000 characters"),
    ],
)
def test_a_form_without_a_decision_is_shown_again(
    harness: ReviewHarness, changes: dict[str, object], problem_text: str
) -> None:
    cookie = harness.enter()

    answer = harness.send(cookie, harness.form(cookie, **changes))

    assert answer.status == 422
    assert problem_text in answer.body
    assert harness.review.decision is Decision.PENDING


def test_changes_are_requested_with_notes(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    form = harness.form(cookie, decision="changes_requested", notes="Shorter.\r\nSimpler.")

    answer = harness.send(cookie, form)

    assert answer.status == 303
    assert (harness.review.decision, harness.review.approved) == (Decision.CHANGES_REQUESTED, ())
    assert harness.review.notes == "Shorter.\nSimpler."


def test_a_decision_after_expiry_is_refused(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    expire(harness)

    answer = harness.send(cookie, harness.form(cookie))

    assert answer.status == 410
    assert "The deadline for this review has passed" in answer.body
    assert harness.review.decision is Decision.EXPIRED


def test_an_expiry_after_the_decision_changes_nothing(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    harness.send(cookie, harness.form(cookie))

    expire(harness)

    assert harness.review.decision is Decision.APPROVED
    assert harness.events("review_expired") == []


def test_a_repeated_expiry_is_audited_once(harness: ReviewHarness) -> None:
    expire(harness)
    harness.clock.advance(minutes=1)
    expire(harness)

    assert harness.review.decision is Decision.EXPIRED
    assert len(harness.events("review_expired")) == 1


def test_a_decision_without_a_valid_token_is_found_by_the_next_request(
    harness: ReviewHarness,
) -> None:
    harness.review_tasks.waiting.clear()
    cookie = harness.enter()

    answer = harness.send(cookie, harness.form(cookie))
    mailed = harness.request(task_token="token-after-redrive")

    assert answer.status == 303
    assert mailed == 0
    assert harness.review_tasks.woken == ["token-after-redrive"]


def test_the_sweeper_delivers_an_undelivered_decision_once(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    harness.review_tasks.outage = ResumeFailed("the engine is throttled")

    answer = harness.send(cookie, harness.form(cookie))
    during_outage = sweep(harness)
    harness.review_tasks.outage = None
    afterwards = sweep(harness), sweep(harness)

    assert answer.status == 303
    assert "The decision has been recorded" in harness.page(cookie).body
    assert during_outage == 0
    assert afterwards == (1, 0)
    assert harness.review_tasks.woken == ["token-0"]


def test_the_sweeper_discards_an_invalid_token(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    harness.review_tasks.waiting.clear()
    harness.send(cookie, harness.form(cookie))

    delivered = sweep(harness), sweep(harness)

    assert delivered == (1, 0)


def test_the_sweeper_expires_an_overdue_review_once(harness: ReviewHarness) -> None:
    harness.clock.at = harness.reviews.get(REVIEW).expires_at

    found = sweep_all(harness), sweep_all(harness)

    assert found == ({"expired": 1, "delivered": 1}, {"expired": 0, "delivered": 0})
    assert harness.reviews.get(REVIEW).decision is Decision.EXPIRED
    assert harness.review_tasks.woken == ["token-0"]
    assert events(harness).count("review_expired") == 1


def test_the_sweeper_adds_a_missing_audit_entry(harness: ReviewHarness) -> None:
    review = harness.reviews.get(REVIEW)
    submission = ReviewSubmission(decision=Decision.REJECTED, shown_sha256=review.shown_sha256)
    decided = decide(review, submission, reviewer=ADA, now=harness.clock.now())
    harness.reviews.decide(decided)

    sweep(harness)
    sweep(harness)

    assert events(harness).count("review_decided") == 1


def events(harness: ReviewHarness) -> list[str]:
    return [entry["event"] for entry in harness.audit.entries(GENERATION)]


def expire(harness: ReviewHarness) -> None:
    task = ExpireTask(generation=GENERATION, round=1, review=REVIEW)
    expire_review(task, reviews=harness.reviews, audit=harness.audit, clock=harness.clock)


def sweep(harness: ReviewHarness) -> int:
    return sweep_all(harness)["delivered"]


def sweep_all(harness: ReviewHarness) -> dict[str, int]:
    return sweep_reviews(
        reviews=harness.reviews,
        review_tasks=harness.review_tasks,
        audit=harness.audit,
        clock=harness.clock,
    )


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def test_the_audit_holds_pseudonyms_and_fingerprints_only(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    harness.send(cookie, harness.form(cookie, code="000000"))
    form = harness.form(cookie, decision="changes_requested", notes="Ask Grace about it.")
    harness.send(cookie, form)

    entries = json.dumps(harness.audit.entries(GENERATION))

    assert not [word for word in (ADA, GRACE, "Grace") if word in entries]
    assert {
        display_names(harness.review)[event["reviewer"]]
        for event in harness.events("decision_refused")
    } == {ADA}
    (decided,) = harness.events("review_decided")
    assert display_names(harness.review)[decided["reviewer"]] == ADA
    assert decided["notes_sha256"] == text_sha256("Ask Grace about it.")
