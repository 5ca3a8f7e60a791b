"""A reviewer changes a draft: kept as a version, verified again, and only then publishable."""

import html
import re
from typing import Any

import pytest

from coursewright.domain.assignment import draft_id
from coursewright.domain.review import Decision
from coursewright.steps.publish_assignments import (
    PublishAssignmentsDeps,
    PublishTask,
    publish_assignments,
)
from coursewright.web.http import Response
from tests.unit.review.builders import (
    ADA,
    BAD_EVIDENCE,
    GENERATION,
    GRACE,
    MODELS,
    REVIEW,
    Story,
)

FIRST = draft_id(MODELS[0], 1, 1)
PATH = f"/reviews/{GENERATION}/1"


@pytest.fixture
def story() -> Story:
    told = Story().open()
    told.request()
    return told


def edit(
    story: Story, cookie: str, address: str = ADA, /, *, place: int = 1, **changes: object
) -> Response:
    """Change the name, or what a test asks for."""
    session = cookie.partition(";")[0].partition("=")[2]
    form: dict[str, object] = {
        "csrf": story.links.csrf(session),
        "code": story.code(address),
        "seen": "0",
        "name": "A better name",
    }
    return story.edit(cookie, form | changes, place=place)


def draft_page(story: Story, cookie: str, place: int = 1) -> Response:
    return story.show("GET", {"generation": GENERATION, "round": "1", "place": str(place)}, cookie)


def shown_now(story: Story, cookie: str) -> str:
    found = re.search(r'name="shown" value="([^"]*)"', story.page(cookie).body)
    assert found
    return found[1]


def deps(story: Story) -> PublishAssignmentsDeps:
    return PublishAssignmentsDeps(
        generations=story.generations,
        drafts=story.drafts,
        verifications=story.verifications,
        reviews=story.reviews,
        assignments=story.assignments,
        audit=story.audit,
        clock=story.clock,
    )


def test_an_edit_is_kept_and_waits_for_the_sandbox(story: Story) -> None:
    cookie = story.enter()

    answer = edit(story, cookie)

    page = draft_page(story, cookie)
    assert (answer.status, answer.headers["location"]) == (303, f"{PATH}/drafts/1")
    assert "Being verified" in page.body
    assert page.headers["refresh"] == "2"
    assert story.edit_checks.started == [(REVIEW, FIRST, 1)]
    assert "A better name" in story.page(cookie).body


def test_scenario_38_an_edit_cannot_be_published_before_it_is_verified(story: Story) -> None:
    cookie = story.enter()
    edit(story, cookie)

    answer = story.send(cookie, story.form(cookie, shown=shown_now(story, cookie)))

    assert answer.status == 422
    assert "not verified cannot be published" in answer.body
    assert story.review.decision is Decision.PENDING


def test_scenario_38_a_verified_edit_is_what_is_published(story: Story) -> None:
    cookie = story.enter()
    edit(story, cookie, solution="def total(prices):\n    return sum(prices) + 0\n")
    story.verify()
    form = story.form(cookie, shown=shown_now(story, cookie), approve=[FIRST])

    decided = story.send(cookie, form)
    publish_assignments(
        PublishTask(generation=GENERATION, round=1, review=REVIEW), deps=deps(story)
    )

    (published,) = story.assignments.of_module("python-basics", "loops")
    assert decided.status == 303
    assert (published.name, "+ 0" in published.solution) == ("A better name", True)
    assert published.certificate is not None
    assert published.certificate.independent is False


def test_scenario_38_an_edit_that_fails_its_check_cannot_be_published(story: Story) -> None:
    cookie = story.enter()
    edit(story, cookie)
    story.verify(BAD_EVIDENCE)

    page = draft_page(story, cookie)
    answer = story.send(cookie, story.form(cookie, shown=shown_now(story, cookie)))

    assert "The starter passes the tests already." in html.unescape(page.body)
    assert "refresh" not in page.headers
    assert answer.status == 422


@pytest.mark.parametrize("moment", ["edited", "verified"])
def test_scenario_27_a_page_from_before_an_edit_decides_nothing(story: Story, moment: str) -> None:
    cookie = story.enter()
    form = story.form(cookie)
    edit(story, story.enter(GRACE), GRACE)
    if moment == "verified":
        story.verify()

    answer = story.send(cookie, form)

    assert answer.status == 409
    assert "have changed since you opened the page" in answer.body
    assert story.review.decision is Decision.PENDING


def test_the_second_of_two_editors_is_told_and_loses_nothing(story: Story) -> None:
    ada, grace = story.enter(), story.enter(GRACE)
    edit(story, ada)

    answer = edit(story, grace, GRACE, name="Grace’s own name")

    assert answer.status == 409
    assert "Somebody else edited this draft meanwhile" in answer.body
    assert "Grace’s own name" in answer.body
    assert "-A better name" in html.unescape(answer.body)
    assert len(story.reviews.edits(story.review)) == 1


def test_a_double_click_is_one_edit(story: Story) -> None:
    cookie = story.enter()

    answers = [edit(story, cookie).status for _ in range(2)]

    assert answers == [303, 303]
    assert len(story.reviews.edits(story.review)) == 1


def test_an_edit_is_taken_back_and_stays_readable(story: Story) -> None:
    cookie = story.enter()
    edit(story, cookie)
    story.verify()

    edit(story, cookie, seen="1", act="take_back")

    page = draft_page(story, cookie).body
    form = story.form(cookie, shown=shown_now(story, cookie))
    assert "This is the model’s own version." in page
    assert "+A better name" in page
    assert story.edit_checks.started == []
    assert story.send(cookie, form).status == 303


def test_marks_on_other_drafts_survive_an_edit(story: Story) -> None:
    cookie = story.enter()
    other = story.publishable[1]

    edit(story, cookie, approve=[FIRST, other], notes="Nearly there.", decision="approved")
    story.verify()

    page = story.page(cookie).body
    assert re.search(rf'value="{other}" checked', page)
    assert not re.search(rf'value="{FIRST}" checked', page)
    assert "Nearly there." in page


def test_nobody_sees_the_marks_of_another_reviewer(story: Story) -> None:
    edit(story, story.enter(), approve=[story.publishable[1]], notes="Mine alone.")

    page = story.page(story.enter(GRACE)).body

    assert "Mine alone." not in page
    assert 'name="approve"' in page
    assert not re.search(r'name="approve"[^>]* checked', page)


@pytest.mark.parametrize("missing", ["code", "csrf"])
def test_scenario_24_an_edit_without_code_or_token_is_refused(story: Story, missing: str) -> None:
    cookie = story.enter()

    left_out: dict[str, Any] = {missing: ""}
    answer = edit(story, cookie, **left_out)

    assert answer.status == 403
    assert story.reviews.edits(story.review) == ()
    assert story.edit_checks.started == []
    assert len(story.events("decision_refused")) == 1


def test_a_browser_that_has_shown_the_code_edits_on_without_it(story: Story) -> None:
    cookie = story.enter()
    first = edit(story, cookie)
    both = f"{cookie}; {first.cookies[0].split(';')[0]}"

    second = edit(story, both, seen="1", name="Better still", code="")

    assert "HttpOnly; SameSite=Strict; Secure" in first.cookies[0]
    assert second.status == 303
    assert story.events("draft_edited")[1]["signed_in"] == "link and code, shown before"


def test_a_browser_that_has_shown_the_code_still_needs_it_to_decide(story: Story) -> None:
    cookie = story.enter()
    both = f"{cookie}; {edit(story, cookie).cookies[0].split(';')[0]}"
    story.verify()

    answer = story.send(both, story.form(cookie, shown=shown_now(story, cookie), code=""))

    assert answer.status == 403
    assert story.review.decision is Decision.PENDING


def test_a_sign_in_ends_after_an_hour_and_helps_nobody_else(story: Story) -> None:
    cookie, grace = story.enter(), story.enter(GRACE)
    signed = edit(story, cookie).cookies[0].split(";")[0]

    foreign = edit(story, f"{grace}; {signed}", GRACE, seen="1", name="x", code="")
    story.clock.pass_by(minutes=61)
    late = edit(story, f"{cookie}; {signed}", seen="1", name="x", code="")

    assert (foreign.status, late.status) == (403, 403)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": " "}, "may not be empty"),
        ({"name": "x" * 201}, "longer than a draft may be"),
        ({"tests": "x" * 100_001}, "longer than a draft may be"),
        ({"act": "take_back"}, "no edit to take back"),
        ({"act": "verify"}, "Nothing waits to be verified."),
    ],
)
def test_an_edit_without_sense_is_shown_again(
    story: Story, changes: dict[str, Any], told: str
) -> None:
    cookie = story.enter()

    answer = edit(story, cookie, **changes)

    assert answer.status == 422
    assert told in answer.body
    assert story.reviews.edits(story.review) == ()


def test_an_edit_that_changes_nothing_is_not_kept(story: Story) -> None:
    draft = story.drafts.get(GENERATION, FIRST)
    cookie = story.enter()

    answer = edit(story, cookie, name=draft.name, text=f"\r\n{draft.text}\r\n")

    assert answer.status == 422
    assert "Nothing was changed." in answer.body


def test_an_edit_of_a_decided_review_says_so(story: Story) -> None:
    cookie = story.enter()
    story.send(cookie, story.form(cookie))

    answer = edit(story, cookie)

    assert answer.status == 409
    assert "Somebody decided before you" in answer.body


def test_an_edit_after_the_end_gets_the_plain_page(story: Story) -> None:
    cookie = story.enter()
    story.clock.at = story.review.expires_at

    answer = edit(story, cookie)

    assert answer.status == 410


@pytest.mark.parametrize("place", ["0", "99", "x", "-1", "1e3", "٣"])
def test_a_draft_that_is_not_there_gets_the_plain_page(story: Story, place: str) -> None:
    cookie = story.enter()

    page = story.show("GET", {"generation": GENERATION, "round": "1", "place": place}, cookie)

    assert page.status == 404


def test_a_check_that_ends_after_the_decision_changes_nothing(story: Story) -> None:
    cookie = story.enter()
    edit(story, cookie, place=2)
    form = story.form(cookie, shown=shown_now(story, cookie), approve=[FIRST])
    story.send(cookie, form)

    story.verify()

    publish_assignments(
        PublishTask(generation=GENERATION, round=1, review=REVIEW), deps=deps(story)
    )
    assert story.review.approved == (FIRST,)
    assert len(story.assignments.of_module("python-basics", "loops")) == 1


def test_the_audit_holds_who_changed_what_but_no_text(story: Story) -> None:
    edit(story, story.enter())
    story.verify()

    (edited,), (checked,) = story.events("draft_edited"), story.events("edit_verified")

    assert edited["reviewer"].startswith("person:")
    assert (edited["number"], edited["changed"]) == (1, ["name"])
    assert edited["before_sha256"] != edited["after_sha256"]
    assert checked["verified"] is True
    assert "better" not in str(edited)


def test_an_edited_draft_counts_as_edited_in_the_league(story: Story) -> None:
    cookie = story.enter()
    edit(story, cookie)
    story.verify()
    story.send(cookie, story.form(cookie, shown=shown_now(story, cookie), approve=[FIRST]))

    page = story.page(cookie).body

    assert "1 of 1 (21 to 100 %)" in page


def test_a_drafts_own_page_shows_what_its_form_does_not(story: Story) -> None:
    cookie = story.enter()

    body = html.unescape(draft_page(story, cookie).body)

    tests = story.drafts.latest_tests(GENERATION, FIRST, attempt=0)
    assert tests is not None
    assert "<p>Built in.</p>" in body
    assert all(f"“{one.quote}”</span> <code" in body for one in tests.requirements)


def test_a_closed_reviews_drafts_can_still_be_read_whole(story: Story) -> None:
    cookie = story.enter()
    story.send(cookie, story.form(cookie))

    answer = draft_page(story, cookie)

    assert answer.status == 200
    assert "def total(prices):\n    return sum(prices)" in html.unescape(answer.body)
    assert "The decision is recorded" in answer.body
    assert "yours was not recorded" not in answer.body
