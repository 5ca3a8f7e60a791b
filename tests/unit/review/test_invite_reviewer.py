"""Fresh links go only to their owners; inviting other reviewers is limited."""

import re
from typing import Any

import pytest

from coursewright.adapters.links import SignedLinks
from coursewright.domain.access import MAX_ATTEMPTS, MAX_CODES_PER_DAY
from coursewright.domain.author import Author
from coursewright.domain.errors import MailThrottled
from coursewright.domain.review import Decision
from coursewright.domain.reviewer_rules import ReviewerRules
from coursewright.web.responses import Response
from tests.fakes.memory_agents import MemoryGenerations
from tests.fakes.memory_review import MemoryLinkKeys
from tests.unit.review.builders import ADA, GENERATION, GRACE, SITE, ReviewHarness

BO = "bo@example.edu"
LINK = re.compile(re.escape(SITE) + r"/r/(\S+)")


@pytest.fixture
def harness() -> ReviewHarness:
    opened = ReviewHarness(reviewers=(ADA, GRACE)).open()
    opened.request()
    return opened


def fresh(harness: ReviewHarness, cookie: str, **changes: object) -> Response:
    form: dict[str, object] = {"csrf": harness.links.csrf(cookie.partition("=")[2])}
    return harness.invite("fresh-link", cookie, form | changes)


def ask(harness: ReviewHarness, cookie: str, address: str, **changes: object) -> Response:
    form = harness.form(cookie, approve=[harness.publishable[0]], notes="So far.")
    return harness.invite("reviewers", cookie, form | {"address": address} | changes)


def lock(harness: ReviewHarness, cookie: str) -> None:
    wrong = "000000" if harness.code() != "000000" else "000001"
    for _ in range(MAX_ATTEMPTS):
        harness.send(cookie, harness.form(cookie, code=wrong))


def newest(harness: ReviewHarness, address: str = ADA) -> tuple[str, str]:
    """Return the link and code in the newest email to an address."""
    text = [email.text for email in harness.mailbox.emails if email.recipient == address][-1]
    found = LINK.search(text)
    code = re.search(r"(?<![\w/.-])(\d{6})(?![\w/.-])", LINK.sub("", text))
    assert found
    assert code
    return found[1], code[1]


def test_scenario_30_a_locked_review_offers_a_fresh_link_that_decides(
    harness: ReviewHarness,
) -> None:
    cookie = harness.enter()
    lock(harness, cookie)
    locked = harness.page(cookie).body

    asked = fresh(harness, cookie)

    signed, code = newest(harness)
    renewed = harness.click(signed).cookies[0].split(";")[0]
    assert "/fresh-link" in locked
    assert asked.status == 200
    assert harness.send(renewed, harness.form(renewed, code=code)).status == 303
    assert harness.review.decision is Decision.APPROVED


def test_scenario_30_the_lock_is_measured_once_for_the_alarm(
    harness: ReviewHarness, capsys: pytest.CaptureFixture[str]
) -> None:
    cookie = harness.enter()

    lock(harness, cookie)
    lock(harness, cookie)

    assert capsys.readouterr().out.count('"ReviewLocked":[1.0]') == 1


def test_a_fresh_link_ends_the_earlier_ones_of_that_address_only(harness: ReviewHarness) -> None:
    old, graces = harness.signed(), harness.signed(GRACE)
    cookie = harness.enter()

    fresh(harness, cookie)

    assert harness.click(old).status == 404
    assert harness.page(cookie).status == 404
    assert harness.click(graces).status == 303
    assert harness.click(newest(harness)[0]).status == 303


def test_an_email_with_a_fresh_link_is_not_called_a_reminder(
    harness: ReviewHarness,
) -> None:
    fresh(harness, harness.enter())
    mail = harness.mailbox.emails[-1]

    assert mail.subject.startswith("New link: Loops (Python basics)")
    assert "Earlier ones no longer work" in " ".join(mail.text.split())
    assert mail.stop_subject == ""


def test_a_fresh_link_goes_only_to_its_owner(harness: ReviewHarness) -> None:
    before = len(harness.mailbox.emails)

    fresh(harness, harness.enter(), address="eve@evil.example", reviewer=GRACE)

    assert [email.recipient for email in harness.mailbox.emails[before:]] == [ADA]


def test_a_replaced_link_can_request_another_from_the_plain_page(harness: ReviewHarness) -> None:
    old = harness.signed()
    fresh(harness, harness.enter())
    harness.clock.advance(minutes=6)
    page = harness.click(old).body

    answer = harness.ask_again(old)

    assert '<form method="post">' in page
    assert answer.status == 200
    assert len([email for email in harness.mailbox.emails if email.recipient == ADA]) == 3
    assert harness.click(newest(harness)[0]).status == 303


def test_an_expired_session_can_request_another_link(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    fresh(harness, cookie)
    harness.clock.advance(minutes=6)

    page = harness.page(cookie).body
    harness.invite("", cookie, {})

    assert '<form method="post">' in page
    assert len([email for email in harness.mailbox.emails if email.recipient == ADA]) == 3


def test_every_link_gets_the_same_answer(harness: ReviewHarness) -> None:
    foreign = SignedLinks(MemoryLinkKeys("somebody else's key")).link(harness.claims())
    stranger = harness.links.link(harness.claims("eve@example.edu"))
    good = harness.signed()
    harness.ask_again(good)
    mails = len(harness.mailbox.emails)

    answers = [harness.ask_again(link) for link in (good, foreign, stranger, "", "x.y.z", "é")]

    assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}
    assert len(harness.mailbox.emails) == mails


def test_a_reviewer_gets_three_codes_a_day_and_operators_learn_of_more(
    harness: ReviewHarness, capsys: pytest.CaptureFixture[str]
) -> None:
    old, before = harness.signed(), len(harness.mailbox.emails)

    for _ in range(20):
        harness.ask_again(old)
        harness.clock.advance(minutes=3)
    first_day = len(harness.mailbox.emails) - before
    harness.clock.advance(days=1)
    harness.ask_again(old)

    assert first_day == MAX_CODES_PER_DAY - 1
    assert len(harness.mailbox.emails) - before == MAX_CODES_PER_DAY
    assert len(harness.events("link_renewed")) == MAX_CODES_PER_DAY
    assert '"ReviewLocked":[1.0]' in capsys.readouterr().out


def test_fresh_links_of_one_reviewer_leave_those_of_another(harness: ReviewHarness) -> None:
    for _ in range(3):
        harness.ask_again(harness.signed())
        harness.clock.advance(minutes=6)
    before = len(harness.mailbox.emails)

    harness.ask_again(harness.signed(GRACE))

    assert [email.recipient for email in harness.mailbox.emails[before:]] == [GRACE]


@pytest.mark.parametrize("end", ["decided", "over"])
def test_an_ended_review_has_no_fresh_link(harness: ReviewHarness, end: str) -> None:
    old, cookie = harness.signed(), harness.enter()
    if end == "decided":
        harness.send(cookie, harness.form(cookie))
    else:
        harness.clock.at = harness.review.expires_at
    before = len(harness.mailbox.emails)

    harness.ask_again(old)

    assert len(harness.mailbox.emails) == before


def test_a_foreign_page_cannot_ask_for_a_fresh_link(harness: ReviewHarness) -> None:
    before = len(harness.mailbox.emails)

    harness.ask_again(harness.signed(), headers={"origin": "https://evil.example"})
    fresh(harness, harness.enter(), csrf="")

    assert len(harness.mailbox.emails) == before


def test_an_invited_reviewer_gets_a_link_and_a_code_of_their_own(harness: ReviewHarness) -> None:
    page = ask(harness, harness.enter(), f" {BO} ")

    signed, code = newest(harness, BO)
    cookie = harness.click(signed).cookies[0].split(";")[0]
    decided = harness.send(cookie, harness.form(cookie, BO, code=code))
    assert (page.status, decided.status) == (200, 303)
    assert "has been invited" in page.body
    assert "So far." in page.body
    assert (harness.review.decided_by, code != harness.code()) == (BO, True)


def test_an_invited_reviewer_is_reminded_like_the_others(harness: ReviewHarness) -> None:
    ask(harness, harness.enter(), BO)
    before = len(harness.mailbox.emails)

    harness.request(1, "token-1")

    assert sorted(email.recipient for email in harness.mailbox.emails[before:]) == [ADA, BO, GRACE]


@pytest.mark.parametrize(
    ("address", "problem_text"),
    [
        ("", "not a valid email address"),
        ("nobody", "not a valid email address"),
        ("a@b@example.edu", "not a valid email address"),
        ("bo@example.edu\r\nbcc: eve@evil.example", "not a valid email address"),
        (f"{'x' * 250}@example.edu", "not a valid email address"),
        (ADA.upper(), "already been invited"),
        ("eve@evil.example", "in the same domain"),
        ("eve@sub.example.edu", "in the same domain"),
        ("eve@example.edu.evil.example", "in the same domain"),
    ],
)
def test_an_invalid_invitation_sends_no_email(
    harness: ReviewHarness, address: str, problem_text: str
) -> None:
    before = len(harness.mailbox.emails)

    page = ask(harness, harness.enter(), address)

    assert page.status == 422
    assert problem_text in page.body
    assert len(harness.mailbox.emails) == before


def test_a_configured_colleague_of_another_domain_can_be_invited(harness: ReviewHarness) -> None:
    harness.rules = ReviewerRules(colleagues=("dean@other.example", "bo@other.example"))

    page = ask(harness, harness.enter(), "Dean@other.example")

    assert page.status == 200


@pytest.mark.parametrize(
    ("address", "rules", "text"),
    [
        ("lin@example.edu", ReviewerRules(), "belongs to the author"),
        ("bo@example.edu", ReviewerRules(domains=("example.org",)), "outside the email domains"),
    ],
)
def test_a_person_who_may_not_review_cannot_be_invited(
    harness: ReviewHarness, address: str, rules: ReviewerRules, text: str
) -> None:
    begun = harness.generations.get(GENERATION)
    lin = Author(sub="9f3c", email="lin@example.edu")
    request = begun.request.model_copy(update={"author": lin})
    harness.generations = MemoryGenerations(begun.model_copy(update={"request": request}))
    harness.rules = rules

    page = ask(harness, harness.enter(), address)

    assert page.status == 422
    assert text in page.body
    assert harness.review.reviewers == (ADA, GRACE)


def test_users_of_a_free_email_provider_cannot_invite_each_other() -> None:
    harness = ReviewHarness(reviewers=("ada@gmail.com",)).open()
    harness.request()

    code = harness.code("ada@gmail.com")
    page = ask(harness, harness.enter("ada@gmail.com"), "eve@gmail.com", code=code)

    assert page.status == 422
    assert "in the same domain" in page.body


def test_the_reviewers_of_a_round_are_limited(harness: ReviewHarness) -> None:
    cookie = harness.enter()

    answers = [ask(harness, cookie, f"p{number}@example.edu").status for number in range(8)]

    assert answers == [200] * 6 + [422] * 2


@pytest.mark.parametrize("missing", ["code", "csrf"])
def test_an_invitation_needs_a_code_and_a_token(harness: ReviewHarness, missing: str) -> None:
    left_out: dict[str, Any] = {missing: ""}

    page = ask(harness, harness.enter(), BO, **left_out)

    assert page.status == 403
    assert harness.review.reviewers == (ADA, GRACE)


def test_an_email_that_failed_is_sent_by_a_retry(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    harness.mailbox.outages = [MailThrottled("slow down")]

    first, second = ask(harness, cookie, BO), ask(harness, cookie, BO)

    assert (first.status, second.status) == (503, 200)
    assert len([email for email in harness.mailbox.emails if email.recipient == BO]) == 1
    assert len(harness.events("reviewer_asked")) == 1


def test_invitations_are_audited_without_addresses(harness: ReviewHarness) -> None:
    ask(harness, harness.enter(), BO)

    (entry,) = harness.events("reviewer_asked")

    assert BO not in str(entry)
    assert entry["asked"].startswith("person:")


def test_a_page_opened_before_an_invitation_still_decides(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    form = harness.form(cookie)
    ask(
        harness,
        harness.enter(GRACE),
        BO,
        csrf=harness.links.csrf(harness.enter(GRACE).partition("=")[2]),
    )

    answer = harness.send(cookie, form)

    assert answer.status == 303
