"""A review's audit trail can be read by people and by programs."""

import html
import json

import pytest

from tests.unit.review.builders import ADA, GRACE, ReviewHarness
from tests.unit.review.test_edit_draft import edit, shown_now


@pytest.fixture
def harness() -> ReviewHarness:
    opened = ReviewHarness().open()
    opened.request()
    return opened


def decided(harness: ReviewHarness) -> str:
    """Edit, verify and decide, then return the session cookie."""
    cookie = harness.enter()
    harness.clock.advance(minutes=1)
    edit(harness, cookie)
    harness.clock.advance(minutes=1)
    harness.verify()
    harness.clock.advance(minutes=1)
    form = harness.form(cookie, shown_sha256=shown_now(harness, cookie), notes="Well <b>done</b>.")
    harness.send(cookie, form)
    return cookie


def test_the_page_shows_who_did_what_and_when_without_checksums(harness: ReviewHarness) -> None:
    cookie = decided(harness)

    page = harness.audit_page(cookie)

    body = html.unescape(page.body)
    assert page.status == 200
    assert ADA in body
    assert "19:03 UTC" in body
    assert "the emailed link and code" in body
    assert harness.review.shown_sha256 not in body
    assert "+A better name" in body
    assert "Well &lt;b&gt;done&lt;/b&gt;." in page.body
    assert "does not match the checksum" not in body


def test_the_audit_trail_is_available_as_json(harness: ReviewHarness) -> None:
    cookie = decided(harness)

    answer = harness.audit_page(cookie, ".json")

    found = json.loads(answer.body)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert [entry["event"] for entry in found["entries"]] == [
        "review_opened",
        "draft_edited",
        "edit_verified",
        "review_decided",
    ]
    assert found["entries"][1]["who"] == ADA
    assert found["entries"][3]["notes"] == "Well <b>done</b>."
    assert found["entries"][3]["facts"]["shown_sha256"] == harness.review.shown_sha256
    assert all(entry["is_as_recorded"] for entry in found["entries"])


def test_a_text_replaced_afterwards_is_detected(harness: ReviewHarness) -> None:
    cookie = decided(harness)
    harness.reviews.replace_notes("Never said.")

    page = harness.audit_page(cookie)

    assert "does not match the checksum" in html.unescape(page.body)


def test_the_audit_trail_requires_a_session(harness: ReviewHarness) -> None:
    decided(harness)

    answers = [harness.audit_page("", suffix) for suffix in ("", ".json")]

    assert [answer.status for answer in answers] == [404, 404]
    assert all(ADA not in answer.body for answer in answers)


def test_reading_writes_nothing(harness: ReviewHarness) -> None:
    cookie = harness.enter(GRACE)
    before = harness.reviews.writes, len(harness.audit.entries(harness.review.generation))

    harness.audit_page(cookie)

    assert (harness.reviews.writes, len(harness.audit.entries(harness.review.generation))) == before
