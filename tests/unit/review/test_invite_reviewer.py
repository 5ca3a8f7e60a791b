"""Fresh links go to their owners alone; other reviewers are asked within bounds."""

import re
from typing import Any

import pytest

from coursewright.adapters.links import SignedLinks
from coursewright.domain.errors import MailThrottled
from coursewright.domain.invitation import MAX_LINK_RENEWALS
from coursewright.domain.review import MAX_WRONG_CODES, Decision
from coursewright.web.http import Response
from tests.fakes.memory_review import MemoryLinkKeys
from tests.unit.review.builders import ADA, GRACE, SITE, Story

BO = "bo@example.edu"
LINK = re.compile(re.escape(SITE) + r"/r/(\S+)")


@pytest.fixture
def story() -> Story:
    told = Story(reviewers=(ADA, GRACE)).open()
    told.request()
    return told


def fresh(story: Story, cookie: str, **changes: object) -> Response:
    form: dict[str, object] = {"csrf": story.links.csrf(cookie.partition("=")[2])}
    return story.invite("fresh-link", cookie, form | changes)


def ask(story: Story, cookie: str, address: str, **changes: object) -> Response:
    form = story.form(cookie, approve=[story.publishable[0]], notes="So far.")
    return story.invite("reviewers", cookie, form | {"address": address} | changes)


def lock(story: Story, cookie: str) -> None:
    wrong = "000000" if story.code() != "000000" else "000001"
    for _ in range(MAX_WRONG_CODES):
        story.send(cookie, story.form(cookie, code=wrong))


def newest(story: Story, address: str = ADA) -> tuple[str, str]:
    """Return the link and code of somebody's newest mail."""
    text = [one.text for one in story.mailbox.mails if one.recipient == address][-1]
    found = LINK.search(text)
    code = re.search(r"(?<![\w/.-])(\d{6})(?![\w/.-])", LINK.sub("", text))
    assert found
    assert code
    return found[1], code[1]


def test_scenario_30_a_locked_review_offers_a_fresh_link_that_decides(story: Story) -> None:
    cookie = story.enter()
    lock(story, cookie)
    locked = story.page(cookie).body

    asked = fresh(story, cookie)

    signed, code = newest(story)
    renewed = story.click(signed).cookies[0].split(";")[0]
    assert "/fresh-link" in locked
    assert asked.status == 200
    assert story.send(renewed, story.form(renewed, code=code)).status == 303
    assert story.review.decision is Decision.APPROVED


def test_scenario_30_the_lock_is_measured_once_for_the_alarm(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    cookie = story.enter()

    lock(story, cookie)
    lock(story, cookie)

    assert capsys.readouterr().out.count('"ReviewLocked": 1') == 1


def test_a_fresh_link_ends_the_earlier_ones_of_that_address_only(story: Story) -> None:
    old, graces = story.signed(), story.signed(GRACE)
    cookie = story.enter()

    fresh(story, cookie)

    assert story.click(old).status == 404
    assert story.page(cookie).status == 404
    assert story.click(graces).status == 303
    assert story.click(newest(story)[0]).status == 303


def test_a_mail_with_a_fresh_link_says_that_it_is_one_and_no_reminder(story: Story) -> None:
    fresh(story, story.enter())
    mail = story.mailbox.mails[-1]

    assert mail.subject.startswith("Fresh link: Loops (Python basics)")
    assert "earlier ones have ended" in " ".join(mail.text.split())
    assert mail.stop_subject == ""


def test_a_fresh_link_goes_to_its_owner_and_nobody_else(story: Story) -> None:
    before = len(story.mailbox.mails)

    fresh(story, story.enter(), address="eve@evil.example", reviewer=GRACE)

    assert [one.recipient for one in story.mailbox.mails[before:]] == [ADA]


def test_a_link_that_was_replaced_can_ask_again_from_the_plain_page(story: Story) -> None:
    old = story.signed()
    fresh(story, story.enter())
    story.clock.pass_by(minutes=6)
    page = story.click(old).body

    answer = story.ask_again(old)

    assert '<form method="post">' in page
    assert answer.status == 200
    assert len([one for one in story.mailbox.mails if one.recipient == ADA]) == 3
    assert story.click(newest(story)[0]).status == 303


def test_a_session_that_has_ended_can_ask_again_as_well(story: Story) -> None:
    cookie = story.enter()
    fresh(story, cookie)
    story.clock.pass_by(minutes=6)

    page = story.page(cookie).body
    story.invite("", cookie, {})

    assert '<form method="post">' in page
    assert len([one for one in story.mailbox.mails if one.recipient == ADA]) == 3


def test_every_link_gets_the_same_answer(story: Story) -> None:
    foreign = SignedLinks(MemoryLinkKeys("somebody else's key")).link(story.review, ADA)
    stranger = story.links.link(story.review, "eve@example.edu")
    good = story.signed()
    story.ask_again(good)
    mails = len(story.mailbox.mails)

    answers = [story.ask_again(one) for one in (good, foreign, stranger, "", "x.y.z", "é")]

    assert {(one.status, one.body) for one in answers} == {(200, answers[0].body)}
    assert len(story.mailbox.mails) == mails


def test_fresh_links_are_rare(story: Story) -> None:
    old, before = story.signed(), len(story.mailbox.mails)

    for _ in range(20):
        story.ask_again(old)
        story.clock.pass_by(minutes=3)

    assert len(story.mailbox.mails) - before == MAX_LINK_RENEWALS
    assert len(story.events("link_renewed")) == MAX_LINK_RENEWALS


@pytest.mark.parametrize("end", ["decided", "over"])
def test_there_is_no_fresh_link_to_a_review_that_has_ended(story: Story, end: str) -> None:
    old, cookie = story.signed(), story.enter()
    if end == "decided":
        story.send(cookie, story.form(cookie))
    else:
        story.clock.at = story.review.expires_at
    before = len(story.mailbox.mails)

    story.ask_again(old)

    assert len(story.mailbox.mails) == before


def test_a_foreign_page_cannot_ask_for_a_fresh_link(story: Story) -> None:
    before = len(story.mailbox.mails)

    story.ask_again(story.signed(), headers={"origin": "https://evil.example"})
    fresh(story, story.enter(), csrf="")

    assert len(story.mailbox.mails) == before


def test_another_reviewer_gets_a_link_and_a_code_of_their_own(story: Story) -> None:
    page = ask(story, story.enter(), f" {BO} ")

    signed, code = newest(story, BO)
    cookie = story.click(signed).cookies[0].split(";")[0]
    decided = story.send(cookie, story.form(cookie, BO, code=code))
    assert (page.status, decided.status) == (200, 303)
    assert "was asked" in page.body
    assert "So far." in page.body
    assert (story.review.decided_by, code != story.code()) == (BO, True)


def test_another_reviewer_is_reminded_like_the_others(story: Story) -> None:
    ask(story, story.enter(), BO)
    before = len(story.mailbox.mails)

    story.request(1, "token-1")

    assert sorted(one.recipient for one in story.mailbox.mails[before:]) == [ADA, BO, GRACE]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "not the address of a person"),
        ("nobody", "not the address of a person"),
        ("a@b@example.edu", "not the address of a person"),
        ("bo@example.edu\r\nbcc: eve@evil.example", "not the address of a person"),
        (f"{'x' * 250}@example.edu", "not the address of a person"),
        (ADA.upper(), "asked already"),
        ("eve@evil.example", "own domain"),
        ("eve@sub.example.edu", "own domain"),
        ("eve@example.edu.evil.example", "own domain"),
    ],
)
def test_nobody_else_is_mailed(story: Story, address: str, told: str) -> None:
    before = len(story.mailbox.mails)

    page = ask(story, story.enter(), address)

    assert page.status == 422
    assert told in page.body
    assert len(story.mailbox.mails) == before


def test_a_known_colleague_of_another_domain_can_be_asked(story: Story) -> None:
    story.colleagues = "dean@other.example, bo@other.example"

    page = ask(story, story.enter(), "Dean@other.example")

    assert page.status == 200


def test_a_round_has_only_so_many_reviewers(story: Story) -> None:
    cookie = story.enter()

    answers = [ask(story, cookie, f"p{number}@example.edu").status for number in range(8)]

    assert answers == [200] * 6 + [422] * 2


@pytest.mark.parametrize("missing", ["code", "csrf"])
def test_nobody_is_asked_without_code_or_token(story: Story, missing: str) -> None:
    left_out: dict[str, Any] = {missing: ""}

    page = ask(story, story.enter(), BO, **left_out)

    assert page.status == 403
    assert story.review.reviewers == (ADA, GRACE)


def test_a_mail_that_could_not_be_sent_is_sent_on_another_try(story: Story) -> None:
    cookie = story.enter()
    story.mailbox.outages = [MailThrottled("slow down")]

    first, second = ask(story, cookie, BO), ask(story, cookie, BO)

    assert (first.status, second.status) == (503, 200)
    assert len([one for one in story.mailbox.mails if one.recipient == BO]) == 1
    assert len(story.events("reviewer_asked")) == 1


def test_who_asked_whom_is_audited_without_addresses(story: Story) -> None:
    ask(story, story.enter(), BO)

    (entry,) = story.events("reviewer_asked")

    assert BO not in str(entry)
    assert entry["asked"].startswith("person:")


def test_a_page_that_was_open_meanwhile_still_decides(story: Story) -> None:
    cookie = story.enter()
    form = story.form(cookie)
    ask(story, story.enter(GRACE), BO, csrf=story.links.csrf(story.enter(GRACE).partition("=")[2]))

    answer = story.send(cookie, form)

    assert answer.status == 303
