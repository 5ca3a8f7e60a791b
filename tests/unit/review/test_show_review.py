"""Tests a reviewer's link, session and page."""

import re

import pytest

from coursewright.domain.access import ReviewerAccess
from coursewright.domain.errors import LinkInvalid
from coursewright.domain.review import review_id
from coursewright.domain.session import claims_for
from tests.fakes.memory_review import MemoryLinkKeys
from tests.unit.review.builders import ADA, GRACE, MODELS, REVIEW, ReviewHarness, draft


def test_fifty_visits_of_a_scanner_write_nothing() -> None:
    harness = ReviewHarness().open()
    signed, before = harness.signed(), (harness.reviews.writes, harness.audit.entries("any"))

    answers = [harness.click(signed, method) for method in ("HEAD", "GET") * 25]

    assert {answer.status for answer in answers} == {303}
    assert (harness.reviews.writes, harness.audit.entries("any")) == before
    assert harness.page(harness.enter()).status == 200


def test_a_link_leads_to_a_page_without_the_secret() -> None:
    harness = ReviewHarness().open()

    answer = harness.click(harness.signed())

    assert answer.headers["location"] == "/reviews/3f9c1b7a2d4e5f60/1"
    assert re.fullmatch(
        r"__Host-review-[0-9a-f]{8}=[\w.-]+; "
        r"Path=/; Max-Age=1036800; HttpOnly; SameSite=Lax; Secure",
        answer.cookies[0],
    )


def test_a_plain_site_gets_a_plain_cookie() -> None:
    harness = ReviewHarness().open()
    harness.site = "http://127.0.0.1:8080"

    cookie = harness.click(harness.signed()).cookies[0]

    assert cookie.startswith("review-")
    assert "Secure" not in cookie


def test_every_bad_link_gets_the_same_page() -> None:
    harness = ReviewHarness().open()
    good, old_link = harness.signed(), ReviewHarness().open(link_salt="another-link_salt").signed()
    stranger = harness.links.link(harness.claims("eve@example.edu"))
    unknown_key = ReviewHarness()
    unknown_key.keys.current = ["a-foreign-key"]
    foreign = unknown_key.open().signed()
    elsewhere = harness.claims().model_copy(update={"review": review_id("0" * 16, 1)})
    unknown = harness.links.link(elsewhere)
    writes = harness.reviews.writes

    bad = ["nonsense", good[:-1], "x" + good, old_link, stranger, foreign, unknown, "é", ""]
    answers = [harness.click(signed) for signed in bad]
    harness.clock.advance(days=12)
    answers.append(harness.click(good))

    assert {answer.status for answer in answers} == {404}
    assert len({answer.body for answer in answers}) == 1
    assert "What you can do" in answers[0].body
    assert harness.reviews.writes == writes


def test_a_page_without_a_session_looks_like_a_bad_link() -> None:
    harness = ReviewHarness().open()

    answer = harness.page("")

    assert (answer.status, answer.body) == (404, harness.click("nonsense").body)


def test_a_link_is_no_session_and_a_session_no_link() -> None:
    harness = ReviewHarness().open()
    name, _, session = harness.enter().partition("=")

    as_session, as_link = harness.page(f"{name}={harness.signed()}"), harness.click(session)

    assert (as_session.status, as_link.status) == (404, 404)


def test_a_session_opens_no_other_review() -> None:
    harness = ReviewHarness().open()
    name, _, _ = harness.enter().partition("=")
    other = harness.review.model_copy(update={"review": review_id("0" * 16, 1)})
    harness.reviews.open(other)
    session = harness.links.session(claims_for(other, ADA, ReviewerAccess()))

    answer = harness.page(f"{name}={session}")

    assert answer.status == 404


def test_an_expired_session_is_reported_as_such() -> None:
    harness = ReviewHarness().open()
    cookie = harness.enter()

    harness.clock.advance(days=12)
    answer = harness.page(cookie)

    assert answer.status == 410
    assert "The deadline for this review has passed" in answer.body


def test_links_survive_a_rotated_key_and_end_with_a_retired_one() -> None:
    harness = ReviewHarness().open()
    old_link, old_code = harness.signed(), harness.code()
    claims = harness.links.open_link(old_link)

    harness.keys.current = ["first-key", "second-key"]
    after_rotation = harness.click(old_link).status, harness.links.is_code(claims, old_code)
    harness.keys.current = ["second-key"]
    after_retirement = harness.click(old_link).status, harness.links.is_code(claims, old_code)

    assert after_rotation == (303, True)
    assert after_retirement == (404, False)


def test_a_session_token_is_bound_to_its_session() -> None:
    links = ReviewHarness().open().links

    token = links.csrf("one-session")

    assert links.is_csrf("one-session", token)
    assert not links.is_csrf("another-session", token)
    assert not links.is_csrf("one-session", "ü")


def test_an_unsigned_payload_is_refused() -> None:
    links = ReviewHarness().open().links

    with pytest.raises(LinkInvalid):
        links.open_session("eyJyZXZpZXciOiJ4In0.")


def test_codes_have_six_digits_and_differ_between_reviewers() -> None:
    harness = ReviewHarness().open()

    codes = harness.code(ADA), harness.code(GRACE)

    assert all(re.fullmatch(r"\d{6}", code) for code in codes)
    assert codes[0] != codes[1]


def test_nothing_is_preselected() -> None:
    harness = ReviewHarness().open()

    body = harness.page(harness.enter()).body

    assert body.count('name="approve"') == 3
    assert body.count('name="reject"') == 4
    assert body.count('type="radio"') == 3
    assert " checked" not in body


def test_an_unverified_draft_shows_its_reason_and_cannot_be_approved() -> None:
    harness = ReviewHarness().open()
    unverified = next(
        candidate.draft for candidate in harness.review.drafts if not candidate.verified
    )

    body = harness.page(harness.enter()).body

    assert "The starter code already passes" in body
    assert f'name="approve" value="{unverified}"' not in body


def test_the_page_may_only_run_its_own_script() -> None:
    harness = ReviewHarness().open()

    headers = harness.page(harness.enter()).headers

    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "form-action 'self'; base-uri 'none'; frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "connect-src" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


def test_the_notes_of_the_last_round_are_shown_in_the_next() -> None:
    harness = ReviewHarness().open()
    first = harness.review.model_copy(update={"notes": "Shorter texts, please."})
    second = first.model_copy(update={"review": review_id(first.generation, 2), "round": 2})
    harness.reviews = type(harness.reviews)()
    harness.reviews.open(first)
    harness.reviews.open(second.model_copy(update={"notes": ""}))

    answer = harness.round_page(2)

    assert "Shorter texts, please." in answer.body


def test_a_draft_is_compared_with_what_its_model_wrote_in_the_last_round() -> None:
    harness = ReviewHarness().open()
    first, old = harness.review, draft(MODELS[0], 1)
    code = old.code.replace("...", "return 0")
    new = old.model_copy(update={"draft": f"{MODELS[0]}/r2/d1", "round": 2, "code": code})
    harness.drafts.save_drafts((new,))
    harness.reviews.open(
        first.model_copy(update={"review": review_id(first.generation, 2), "round": 2})
    )

    body = harness.round_page(2).body

    assert "Changes since round 1" in body
    assert "<del>-    ...</del>\n<ins>+    return 0</ins>" in body


def test_the_lesson_is_read_beside_the_drafts() -> None:
    harness = ReviewHarness().open()

    body = harness.page(harness.enter()).body

    assert body.count("The lesson") == 1
    assert "visits each element" in body
    assert body.index("visits each element") < body.index("returns the sum")


def test_a_key_rotation_needs_no_deployment() -> None:
    keys = MemoryLinkKeys("first-key")
    harness = ReviewHarness().open()

    harness.keys.current = [*keys(), "second-key"]

    assert harness.click(harness.signed()).status == 303
    assert harness.review.review == REVIEW
