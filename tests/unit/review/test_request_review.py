"""Tests opening a review and emailing its reviewers."""

import re

import pytest

from coursewright.domain.review import Decision
from tests.fakes.memory_agents import MemoryGenerations
from tests.unit.review.builders import ADA, GRACE, SITE, START, ReviewHarness, generation


def test_a_review_is_bound_to_the_content_it_shows() -> None:
    harness = ReviewHarness()

    harness.open()

    assert [draft.verified for draft in harness.review.drafts] == [True, True, True, False]
    assert harness.review.reviewers == (ADA, GRACE)
    assert (harness.review.expires_at - START).days == 12


def test_opening_again_returns_the_first_review() -> None:
    harness = ReviewHarness().open(link_salt="first")

    harness.clock.advance(minutes=5)
    harness.open(link_salt="second")

    assert harness.review.link_salt == "first"
    assert len(harness.events("review_opened")) == 1


def test_every_reviewer_gets_a_separate_email() -> None:
    harness = ReviewHarness().open()

    mailed = harness.request()

    assert mailed == 2
    assert [mail.recipient for mail in harness.mailbox.emails] == [ADA, GRACE]
    assert harness.mail(ADA).subject == "Review: Loops (Python basics), 4 drafts, due 4 Dec"
    for address in (ADA, GRACE):
        mail = harness.mail(address)
        for part in (mail.text, mail.html):
            assert harness.code(address) in part
            assert f"{SITE}/r/{harness.signed(address)}" in part
    assert harness.code(GRACE) not in harness.mail(ADA).text


def test_an_email_contains_no_token_no_image_and_no_other_address() -> None:
    harness = ReviewHarness().open()

    harness.request(task_token="a-very-secret-token")
    mail = harness.mail(ADA)

    assert "a-very-secret-token" not in mail.text + mail.html
    assert "<img" not in mail.html
    assert "src=" not in mail.html
    assert set(re.findall(r"https?://[^/\"\s]+", mail.text + mail.html)) == {SITE}


def test_an_email_summarises_the_evidence_and_cost_of_the_drafts() -> None:
    harness = ReviewHarness().open()

    harness.request()
    text = harness.mail().text

    assert (
        "verified\n  7 tests, 18 of 20 planted mistakes noticed, the starter code fails the tests"
        in text
    )
    assert "not verified\n  ! The draft is 100% identical" in text
    assert "\n  The starter code already passes" in text
    assert "This round cost $0.0215, not counting 1 model whose price is unknown." in text


def test_a_retried_request_sends_no_email_twice() -> None:
    harness = ReviewHarness().open()

    mailed = [harness.request(), harness.request()]

    assert mailed == [2, 0]


def test_a_throttled_email_is_sent_by_the_retry_only() -> None:
    harness = ReviewHarness().open()
    harness.mailbox.outages = [ConnectionError("throttled")]

    with pytest.raises(ConnectionError):
        harness.request()
    harness.request()

    assert [mail.recipient for mail in harness.mailbox.emails] == [ADA, GRACE]


def test_one_reviewer_with_two_spellings_gets_one_email() -> None:
    harness = ReviewHarness(reviewers=(ADA, "Ada@Example.edu")).open()

    assert harness.request() == 1


def test_a_reminder_is_called_one_and_carries_the_same_link_and_a_new_token() -> None:
    harness = ReviewHarness().open()
    harness.request()
    harness.review_tasks.waiting.clear()

    harness.request(reminder=1, task_token="token-1")
    first, reminder = [mail for mail in harness.mailbox.emails if mail.recipient == ADA]
    harness.review_tasks.resume(harness.review)

    assert reminder.subject.startswith("Reminder: Loops")
    assert "This is a reminder" in reminder.text
    link = re.compile(rf"{SITE}/r/\S+")
    assert link.findall(first.text) == link.findall(reminder.text)
    assert harness.review_tasks.woken == ["token-1"]


def test_a_decided_review_resumes_at_once_without_an_email() -> None:
    harness = ReviewHarness().open()
    cookie = harness.enter()
    harness.send(cookie, harness.form(cookie))

    mailed = harness.request()

    assert mailed == 0
    assert harness.review_tasks.woken == ["token-0"]
    assert harness.mailbox.emails == []


def test_a_review_past_its_deadline_expires_without_an_email() -> None:
    harness = ReviewHarness().open()
    harness.clock.advance(days=13)

    mailed = harness.request()

    assert mailed == 0
    assert harness.review.decision is Decision.EXPIRED
    assert harness.review_tasks.woken == ["token-0"]
    assert len(harness.events("review_expired")) == 1


def test_a_decision_made_while_the_token_is_stored_is_not_missed() -> None:
    harness = ReviewHarness().open()
    cookie = harness.enter()
    save = harness.review_tasks.save

    def decide_first(*facts: object, **more: object) -> None:
        harness.send(cookie, harness.form(cookie))
        save(*facts, **more)  # type: ignore[arg-type]

    harness.review_tasks.save = decide_first  # type: ignore[method-assign]
    mailed = harness.request()

    assert mailed == 0
    assert harness.review_tasks.woken == ["token-0"]


def test_a_title_cannot_add_a_header_or_a_line_to_the_mail() -> None:
    harness = ReviewHarness()
    title = "Loops\r\nBcc: eve@example.edu\n<b>x"
    harness.generations = MemoryGenerations(generation((ADA,), module=title))

    harness.open().request()
    mail = harness.mail()

    assert "\n" not in mail.subject
    assert "\nBcc" not in mail.text
    assert "<b>x" not in mail.html


def test_only_a_reminder_can_be_stopped() -> None:
    harness = ReviewHarness().open()

    harness.request()
    harness.request(reminder=1, task_token="token-1")
    first, reminder = [mail for mail in harness.mailbox.emails if mail.recipient == ADA]

    assert first.stop_subject == ""
    assert reminder.stop_subject == f"Stop reminders for {harness.review.generation}, round 1"


def test_an_email_has_one_untracked_button_and_explains_fresh_links() -> None:
    harness = ReviewHarness().open()

    harness.request()
    mail = harness.mail()

    assert re.findall(r"<a [^>]*>", mail.html) == [
        f'<a href="{SITE}/r/{harness.signed()}" ses:no-track style="display:inline-block;'
        'padding:13px 26px;color:#ffffff;text-decoration:none;font-weight:600">'
    ]
    assert "<form" not in mail.html
    for part in (mail.text, mail.html):
        assert "Fri 4 Dec 2026, 19:00 UTC" in part
        assert "lets you request a new one" in " ".join(part.split())


def test_plain_text_lines_fit_a_narrow_window_except_links_and_evidence() -> None:
    harness = ReviewHarness().open()

    harness.request(reminder=1)
    prose = [line for line in harness.mail().text.splitlines() if not re.match("- |http", line)]

    assert max(map(len, prose)) <= 80
