"""Opening a review and mailing its reviewers."""

import re

import pytest

from coursewright.domain.review import Decision
from tests.fakes.memory_agents import MemoryGenerations
from tests.unit.review.builders import ADA, GRACE, SITE, START, Story, generation


def test_a_review_is_bound_to_what_will_be_shown() -> None:
    story = Story()

    story.open()

    assert [one.verified for one in story.review.drafts] == [True, True, True, False]
    assert story.review.reviewers == (ADA, GRACE)
    assert (story.review.expires_at - START).days == 12


def test_opening_again_keeps_the_first_review() -> None:
    story = Story().open(nonce="first")

    story.clock.pass_by(minutes=5)
    story.open(nonce="second")

    assert story.review.nonce == "first"
    assert len(story.events("review_opened")) == 1


def test_every_reviewer_gets_a_mail_of_their_own() -> None:
    story = Story().open()

    mailed = story.request()

    assert mailed == 2
    assert [mail.recipient for mail in story.mailbox.mails] == [ADA, GRACE]
    assert story.mail(ADA).subject == "Review: Loops (Python basics), 4 drafts, by 4 Dec"
    for address in (ADA, GRACE):
        mail = story.mail(address)
        for part in (mail.text, mail.html):
            assert story.code(address) in part
            assert f"{SITE}/r/{story.signed(address)}" in part
    assert story.code(GRACE) not in story.mail(ADA).text


def test_a_mail_holds_no_token_no_picture_and_no_other_address() -> None:
    story = Story().open()

    story.request(task_token="a-very-secret-token")
    mail = story.mail(ADA)

    assert "a-very-secret-token" not in mail.text + mail.html
    assert "<img" not in mail.html
    assert "src=" not in mail.html
    assert set(re.findall(r"https?://[^/\"\s]+", mail.text + mail.html)) == {SITE}


def test_a_mail_says_what_the_drafts_are_worth_and_cost() -> None:
    story = Story().open()

    story.request()
    text = story.mail().text

    assert "verified: 7 tests, 18 of 20 mutants killed, starter fails" in text
    assert "not verified: The starter passes the tests already." in text
    assert "This round cost $0.0215 without 1 model whose price is unknown." in text


def test_a_retried_request_mails_nobody_twice() -> None:
    story = Story().open()

    mailed = [story.request(), story.request()]

    assert mailed == [2, 0]


def test_a_throttled_mail_is_sent_by_the_retry_alone() -> None:
    story = Story().open()
    story.mailbox.outages = [ConnectionError("throttled")]

    with pytest.raises(ConnectionError):
        story.request()
    story.request()

    assert [mail.recipient for mail in story.mailbox.mails] == [ADA, GRACE]


def test_one_person_written_in_two_ways_gets_one_mail() -> None:
    story = Story(reviewers=(ADA, "Ada@Example.edu")).open()

    assert story.request() == 1


def test_a_reminder_says_so_and_carries_the_same_link_and_a_new_token() -> None:
    story = Story().open()
    story.request()
    story.review_tasks.waiting.clear()

    story.request(reminder=1, task_token="token-1")
    first, reminder = [mail for mail in story.mailbox.mails if mail.recipient == ADA]
    story.review_tasks.wake(story.review)

    assert reminder.subject.startswith("Reminder: Loops")
    assert "This is a reminder" in reminder.text
    link = re.compile(rf"{SITE}/r/\S+")
    assert link.findall(first.text) == link.findall(reminder.text)
    assert story.review_tasks.woken == ["token-1"]


def test_a_decided_review_is_answered_at_once_without_a_mail() -> None:
    story = Story().open()
    cookie = story.enter()
    story.send(cookie, story.form(cookie))

    mailed = story.request()

    assert mailed == 0
    assert story.review_tasks.woken == ["token-0"]
    assert story.mailbox.mails == []


def test_a_review_past_its_deadline_expires_instead_of_being_mailed() -> None:
    story = Story().open()
    story.clock.pass_by(days=13)

    mailed = story.request()

    assert mailed == 0
    assert story.review.decision is Decision.EXPIRED
    assert story.review_tasks.woken == ["token-0"]
    assert len(story.events("review_expired")) == 1


def test_a_decision_made_while_the_token_was_kept_is_not_missed() -> None:
    story = Story().open()
    cookie = story.enter()
    remember = story.review_tasks.remember

    def decide_first(*facts: object, **more: object) -> None:
        story.send(cookie, story.form(cookie))
        remember(*facts, **more)  # type: ignore[arg-type]

    story.review_tasks.remember = decide_first  # type: ignore[method-assign]
    mailed = story.request()

    assert mailed == 0
    assert story.review_tasks.woken == ["token-0"]


def test_a_title_cannot_add_a_header_or_a_line_to_the_mail() -> None:
    story = Story()
    title = "Loops\r\nBcc: eve@example.edu\n<b>x"
    story.generations = MemoryGenerations(generation((ADA,), module=title))

    story.open().request()
    mail = story.mail()

    assert "\n" not in mail.subject
    assert "\nBcc" not in mail.text
    assert "<b>x" not in mail.html


def test_only_a_reminder_can_be_stopped() -> None:
    story = Story().open()

    story.request()
    story.request(reminder=1, task_token="token-1")
    first, reminder = [mail for mail in story.mailbox.mails if mail.recipient == ADA]

    assert first.stop_subject == ""
    assert reminder.stop_subject == f"No more reminders for {story.review.generation}, round 1"


def test_a_mail_has_one_button_which_nobody_may_track_and_says_how_to_get_a_fresh_link() -> None:
    story = Story().open()

    story.request()
    mail = story.mail()

    assert re.findall(r"<a [^>]*>", mail.html) == [
        f'<a href="{SITE}/r/{story.signed()}" ses:no-track style="display:inline-block;'
        'padding:13px 26px;color:#ffffff;text-decoration:none;font-weight:600">'
    ]
    assert "<form" not in mail.html
    for part in (mail.text, mail.html):
        assert "Fri 4 Dec 2026, 19:00 UTC" in part
        assert "how a fresh one is sent" in " ".join(part.split())


def test_lines_of_the_plain_part_fit_a_narrow_window_but_for_links_and_evidence() -> None:
    story = Story().open()

    story.request(reminder=1)
    prose = [line for line in story.mail().text.splitlines() if not re.match("- |http", line)]

    assert max(map(len, prose)) <= 80
