"""A reviewer's edit is saved as a new version that must be verified before publication."""

import html
import re
from typing import Any

import pytest

from coursewright.domain.assignment import draft_id
from coursewright.domain.edit import VerifyEditTask
from coursewright.domain.review import Decision
from coursewright.steps.publish_assignments import (
    PublishAssignmentsDeps,
    PublishTask,
    publish_assignments,
)
from coursewright.web.responses import Response
from tests.unit.review.builders import (
    ADA,
    BAD_EVIDENCE,
    GENERATION,
    GRACE,
    MODELS,
    REVIEW,
    ReviewHarness,
)

FIRST = draft_id(MODELS[0], 1, 1)
PATH = f"/reviews/{GENERATION}/1"


@pytest.fixture
def harness() -> ReviewHarness:
    opened = ReviewHarness().open()
    opened.request()
    return opened


def edit(
    harness: ReviewHarness, cookie: str, address: str = ADA, /, *, place: int = 1, **changes: object
) -> Response:
    """Edit a draft's name, or the fields that the test passes."""
    session = cookie.partition(";")[0].partition("=")[2]
    form: dict[str, object] = {
        "csrf": harness.links.csrf(session),
        "code": harness.code(address),
        "seen": "0",
        "name": "A better name",
    }
    return harness.edit(cookie, form | changes, place=place)


def draft_page(harness: ReviewHarness, cookie: str, place: int = 1) -> Response:
    return harness.show(
        "GET", {"generation": GENERATION, "round": "1", "place": str(place)}, cookie
    )


def shown_now(harness: ReviewHarness, cookie: str) -> str:
    found = re.search(r'name="shown_sha256" value="([^"]*)"', harness.page(cookie).body)
    assert found
    return found[1]


def deps(harness: ReviewHarness) -> PublishAssignmentsDeps:
    return PublishAssignmentsDeps(
        generations=harness.generations,
        drafts=harness.drafts,
        verifications=harness.verifications,
        reviews=harness.reviews,
        assignments=harness.assignments,
        audit=harness.audit,
        clock=harness.clock,
    )


def test_an_edit_is_stored_and_waits_for_the_sandbox(harness: ReviewHarness) -> None:
    cookie = harness.enter()

    answer = edit(harness, cookie)

    page = draft_page(harness, cookie)
    assert (answer.status, answer.headers["location"]) == (303, f"{PATH}/drafts/1")
    assert "Verification in progress" in page.body
    assert page.headers["refresh"] == "2"
    assert harness.started_checks == [
        VerifyEditTask(generation=GENERATION, round=1, draft=FIRST, number=1)
    ]
    assert "A better name" in harness.page(cookie).body


def test_scenario_38_an_edit_cannot_be_published_before_it_is_verified(
    harness: ReviewHarness,
) -> None:
    cookie = harness.enter()
    edit(harness, cookie)

    answer = harness.send(cookie, harness.form(cookie, shown_sha256=shown_now(harness, cookie)))

    assert answer.status == 422
    assert "not verified cannot be published" in answer.body
    assert harness.review.decision is Decision.PENDING


def test_scenario_38_a_verified_edit_is_published(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    edit(harness, cookie, solution="def total(prices):\n    return sum(prices) + 0\n")
    harness.verify()
    form = harness.form(cookie, shown_sha256=shown_now(harness, cookie), approve=[FIRST])

    decided = harness.send(cookie, form)
    publish_assignments(
        PublishTask(generation=GENERATION, round=1, review=REVIEW), deps=deps(harness)
    )

    (published,) = harness.assignments.of_module("python-basics", "loops")
    assert decided.status == 303
    assert (published.name, "+ 0" in published.solution) == ("A better name", True)
    assert published.certificate is not None
    assert published.certificate.independent is False


def test_scenario_38_an_edit_that_fails_its_check_cannot_be_published(
    harness: ReviewHarness,
) -> None:
    cookie = harness.enter()
    edit(harness, cookie)
    harness.verify(BAD_EVIDENCE)

    page = draft_page(harness, cookie)
    answer = harness.send(cookie, harness.form(cookie, shown_sha256=shown_now(harness, cookie)))

    assert "The starter code already passes" in html.unescape(page.body)
    assert "refresh" not in page.headers
    assert answer.status == 422


@pytest.mark.parametrize("moment", ["edited", "verified"])
def test_scenario_27_a_page_from_before_an_edit_decides_nothing(
    harness: ReviewHarness, moment: str
) -> None:
    cookie = harness.enter()
    form = harness.form(cookie)
    edit(harness, harness.enter(GRACE), GRACE)
    if moment == "verified":
        harness.verify()

    answer = harness.send(cookie, form)

    assert answer.status == 409
    assert "have changed since you opened this page" in answer.body
    assert harness.review.decision is Decision.PENDING


def test_the_second_of_two_editors_is_warned_and_loses_nothing(harness: ReviewHarness) -> None:
    ada, grace = harness.enter(), harness.enter(GRACE)
    edit(harness, ada)

    answer = edit(harness, grace, GRACE, name="Grace’s own name")

    assert answer.status == 409
    assert "Another reviewer has edited this draft in the meantime" in answer.body
    assert "Grace’s own name" in answer.body
    assert "-A better name" in html.unescape(answer.body)
    assert len(harness.reviews.edits(harness.review)) == 1


def test_a_double_click_is_one_edit(harness: ReviewHarness) -> None:
    cookie = harness.enter()

    answers = [edit(harness, cookie).status for _ in range(2)]

    assert answers == [303, 303]
    assert len(harness.reviews.edits(harness.review)) == 1


def test_an_undone_edit_stays_readable(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    edit(harness, cookie)
    harness.verify()

    edit(harness, cookie, seen="1", act="undo")

    page = draft_page(harness, cookie).body
    form = harness.form(cookie, shown_sha256=shown_now(harness, cookie))
    assert "This is the model’s original version." in page
    assert "+A better name" in page
    assert harness.started_checks == []
    assert harness.send(cookie, form).status == 303


def test_selections_of_other_drafts_survive_an_edit(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    other = harness.publishable[1]

    edit(harness, cookie, approve=[FIRST, other], notes="Nearly there.", decision="approved")
    harness.verify()

    page = harness.page(cookie).body
    assert re.search(rf'value="{other}" checked', page)
    assert not re.search(rf'value="{FIRST}" checked', page)
    assert "Nearly there." in page


def test_a_selection_is_visible_to_its_reviewer_only(harness: ReviewHarness) -> None:
    edit(harness, harness.enter(), approve=[harness.publishable[1]], notes="Mine alone.")

    page = harness.page(harness.enter(GRACE)).body

    assert "Mine alone." not in page
    assert 'name="approve"' in page
    assert not re.search(r'name="approve"[^>]* checked', page)


@pytest.mark.parametrize("missing", ["code", "csrf"])
def test_scenario_24_an_edit_without_code_or_token_is_refused(
    harness: ReviewHarness, missing: str
) -> None:
    cookie = harness.enter()

    left_out: dict[str, Any] = {missing: ""}
    answer = edit(harness, cookie, **left_out)

    assert answer.status == 403
    assert harness.reviews.edits(harness.review) == ()
    assert harness.started_checks == []
    assert len(harness.events("decision_refused")) == 1


def test_a_browser_that_has_entered_the_code_edits_without_it(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    first = edit(harness, cookie)
    both = f"{cookie}; {first.cookies[0].split(';')[0]}"

    second = edit(harness, both, seen="1", name="Better still", code="")

    assert "HttpOnly; SameSite=Strict; Secure" in first.cookies[0]
    assert second.status == 303
    (entry,) = (event for event in harness.events("draft_edited") if event["number"] == 2)
    assert entry["signed_in"] == "earlier_code"


def test_a_browser_that_has_entered_the_code_still_needs_it_to_decide(
    harness: ReviewHarness,
) -> None:
    cookie = harness.enter()
    both = f"{cookie}; {edit(harness, cookie).cookies[0].split(';')[0]}"
    harness.verify()

    answer = harness.send(
        both, harness.form(cookie, shown_sha256=shown_now(harness, cookie), code="")
    )

    assert answer.status == 403
    assert harness.review.decision is Decision.PENDING


def test_a_sign_in_ends_after_an_hour_and_is_bound_to_its_reviewer(harness: ReviewHarness) -> None:
    cookie, grace = harness.enter(), harness.enter(GRACE)
    signed = edit(harness, cookie).cookies[0].split(";")[0]

    foreign = edit(harness, f"{grace}; {signed}", GRACE, seen="1", name="x", code="")
    harness.clock.advance(minutes=61)
    late = edit(harness, f"{cookie}; {signed}", seen="1", name="x", code="")

    assert (foreign.status, late.status) == (403, 403)


@pytest.mark.parametrize(
    ("changes", "problem_text"),
    [
        ({"name": " "}, "must not be empty"),
        ({"name": "x" * 201}, "exceeds the maximum length"),
        ({"tests": "x" * 100_001}, "exceeds the maximum length"),
        ({"act": "undo"}, "no edit to undo"),
        ({"act": "verify"}, "no edit waiting to be verified"),
    ],
)
def test_an_invalid_edit_is_shown_again(
    harness: ReviewHarness, changes: dict[str, Any], problem_text: str
) -> None:
    cookie = harness.enter()

    answer = edit(harness, cookie, **changes)

    assert answer.status == 422
    assert problem_text in answer.body
    assert harness.reviews.edits(harness.review) == ()


def test_an_edit_without_changes_is_not_stored(harness: ReviewHarness) -> None:
    draft = harness.drafts.get(GENERATION, FIRST)
    cookie = harness.enter()

    answer = edit(harness, cookie, name=draft.name, text=f"\r\n{draft.text}\r\n")

    assert answer.status == 422
    assert "Nothing was changed." in answer.body


def test_an_edit_of_a_decided_review_is_refused_with_the_reason(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    harness.send(cookie, harness.form(cookie))

    answer = edit(harness, cookie)

    assert answer.status == 409
    assert "This review has already been decided" in answer.body


def test_an_edit_after_the_deadline_gets_the_plain_page(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    harness.clock.at = harness.review.expires_at

    answer = edit(harness, cookie)

    assert answer.status == 410


@pytest.mark.parametrize("place", ["0", "99", "x", "-1", "1e3", "٣"])
def test_an_unknown_draft_gets_the_plain_page(harness: ReviewHarness, place: str) -> None:
    cookie = harness.enter()

    page = harness.show("GET", {"generation": GENERATION, "round": "1", "place": place}, cookie)

    assert page.status == 404


def test_a_verification_after_the_decision_changes_nothing(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    edit(harness, cookie, place=2)
    form = harness.form(cookie, shown_sha256=shown_now(harness, cookie), approve=[FIRST])
    harness.send(cookie, form)

    harness.verify()

    publish_assignments(
        PublishTask(generation=GENERATION, round=1, review=REVIEW), deps=deps(harness)
    )
    assert harness.review.approved == (FIRST,)
    assert len(harness.assignments.of_module("python-basics", "loops")) == 1


def test_the_audit_holds_who_changed_what_but_no_text(harness: ReviewHarness) -> None:
    edit(harness, harness.enter())
    harness.verify()

    (edited,), (checked,) = harness.events("draft_edited"), harness.events("edit_verified")

    assert edited["reviewer"].startswith("person:")
    assert (edited["number"], edited["changed"]) == (1, ["name"])
    assert edited["before_sha256"] != edited["after_sha256"]
    assert checked["verified"] is True
    assert "better" not in str(edited)


def test_an_edited_draft_counts_as_edited_in_the_league(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    edit(harness, cookie)
    harness.verify()
    harness.send(
        cookie, harness.form(cookie, shown_sha256=shown_now(harness, cookie), approve=[FIRST])
    )

    page = harness.page(cookie).body

    assert "1 of 1 (21–100%)" in page


def test_a_drafts_page_shows_the_parts_that_its_form_omits(harness: ReviewHarness) -> None:
    cookie = harness.enter()

    body = html.unescape(draft_page(harness, cookie).body)

    tests = harness.drafts.latest_tests(GENERATION, FIRST, attempt=0)
    assert tests is not None
    assert "<p>Built in.</p>" in body
    assert all(f"“{requirement.quote}”</span> <code" in body for requirement in tests.requirements)


def test_a_closed_reviews_drafts_can_still_be_read_whole(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    harness.send(cookie, harness.form(cookie))

    answer = draft_page(harness, cookie)

    assert answer.status == 200
    assert "def total(prices):\n    return sum(prices)" in html.unescape(answer.body)
    assert "The decision has been recorded" in answer.body
    assert "yours was not recorded" not in answer.body
