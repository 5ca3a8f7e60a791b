"""Tests the review page by keyboard, without scripts, on a phone and for assistive technology."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Page, expect

from coursewright.domain.assignment import Dataset, draft_id
from coursewright.domain.brief import Kind
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.evidence import Failure, Mutants
from coursewright.domain.requirement import Requirement, RequirementCoverage
from coursewright.domain.review import review_id
from coursewright.pages.view_models import ReviewPage
from coursewright.web.responses import Response
from coursewright.web.review_responses import review_response
from tests.browser.render import SITE, load_response
from tests.unit.review.builders import (
    ADA,
    GENERATION,
    MODELS,
    ReviewHarness,
    draft,
    generation,
    league_row,
    solution_of,
    verification,
)
from tests.unit.review.builders import tests_of as written_tests
from tests.unit.review.doubted import QUESTION, doubted

TEXT = (
    "<p>Write <code>total(prices)</code> that <b>returns the sum</b>.</p>"
    "<ul><li>An empty list gives 0.</li><li>Prices may be negative.</li></ul>"
    "<table><tr><th>call</th><th>answer</th></tr><tr><td>total([1, 2])</td><td>3</td></tr></table>"
)
TESTS = '''import unittest

from solution import total


class TotalTest(unittest.TestCase):
    def test_sum(self):
        """A comment, a number, a string."""
        self.assertEqual(total([1, 2]), 3)  # three

    def test_empty(self):
        self.assertEqual(total([]), 0, "nothing costs nothing")
'''
SURVIVOR = "--- a\n+++ b\n@@ -1,2 +1,2 @@\n def total(prices):\n-    return 1\n+    return 2\n"
REQUIREMENTS = (
    Requirement(test="test_sum", quote="returns the sum"),
    Requirement(test="TotalTest.test_empty", quote="An empty list gives 0."),
    Requirement(test="test_lost", quote="Words that are not there"),
)
FINDINGS = {
    "mutants": Mutants(total=20, killed=18, survivors=(SURVIVOR,)),
    "failures": (Failure(test="test_sum", message="3 != 4"),),
    "requirements": RequirementCoverage(
        given=3, not_found=(REQUIREMENTS[2],), sentences_without=("Prices may be zero.",)
    ),
}
SQL_ROWS = Dataset(
    name="test_sum",
    seed_sql="INSERT INTO t VALUES (1, 'a'); -- one",
    expected_columns=("id",),
    expected_rows=((1,), (None,)),
)
MAX_PAGE_BYTES = 150_000
WIDTHS = {"wide": 1440, "laptop": 1280, "tablet": 820, "phone": 360}


def draft_with_findings(model: str, number: int, round_number: int, kind: Kind) -> DraftEvidence:
    is_new = round_number == 2
    written = draft(model, number, TEXT.replace("negative", "zero") if is_new else TEXT).model_copy(
        update={
            "draft": draft_id(model, round_number, number),
            "round": round_number,
            "kind": kind,
            "code": "def total(prices):\n    return 0\n" if is_new else "",
            "schema_sql": "CREATE TABLE t (id INTEGER, name TEXT);" if kind is Kind.SQL else "",
        }
    )
    is_good = (model, number) != (MODELS[1], 2)
    found = verification(written, good=is_good)
    parts = (TESTS, ()) if kind is Kind.PYTHON else ("", (SQL_ROWS,))
    return DraftEvidence(
        draft=written,
        tests=written_tests(written, *parts).model_copy(update={"requirements": REQUIREMENTS}),
        solution=solution_of(written),
        verification=found.model_copy(
            update={"evidence": found.evidence.model_copy(update=FINDINGS)}
        ),
    )


def second_round_page(kind: Kind = Kind.PYTHON, **changes: Any) -> Response:
    """Return the page of a second round, showing every possible element."""
    review = ReviewHarness().open().review
    drafts, before = (
        tuple(
            draft_with_findings(model, number, part, kind) for number in (1, 2) for model in MODELS
        )
        for part in (2, 1)
    )
    page = ReviewPage(
        review=review.model_copy(update={"round": 2, "review": review_id(GENERATION, 2)}),
        request=generation((ADA,)).request,
        drafts=drafts,
        before=before,
        league=tuple(map(league_row, MODELS)),
        reviewer=ADA,
        csrf="a-token",
        shown_sha256=review.shown_sha256,
        earlier_notes="Shorter, please.",
        closed_reason="",
        lesson="<h1>Loops</h1>" + "<p>A loop repeats a step.</p>" * 40,
    )
    return review_response(page.model_copy(update=changes))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        page.set_default_timeout(5_000)
        broken: list[str] = []
        page.on("console", lambda message: broken.append(message.text))
        page.on("pageerror", lambda error: broken.append(str(error)))
        yield page
        assert broken == []


def text_frame(page: Page, place: str) -> Frame:
    """Return the frame with a draft's text."""
    frame = page.locator(f"#{place} .text iframe").element_handle().content_frame()
    assert frame is not None
    return frame


def wait_until_highlighted(page: Page, place: str, phrases: list[str]) -> None:
    """Wait until exactly these phrases are highlighted in a draft's text."""
    is_highlighted = "mark => getComputedStyle(mark).backgroundColor !== 'rgba(0, 0, 0, 0)'"
    marks = "[...document.querySelectorAll('mark')]"
    highlighted = f"{marks}.filter({is_highlighted}).map(mark => mark.textContent)"
    for _ in range(50):
        if text_frame(page, place).evaluate(highlighted) == phrases:
            return
        page.wait_for_timeout(50)
    assert text_frame(page, place).evaluate(highlighted) == phrases


def test_pointing_at_a_requirement_shows_its_words_and_its_test(page: Page) -> None:
    load_response(page, second_round_page())
    test = page.locator("#d1-test_sum")

    page.locator("#d1 .checks li").first.hover()

    wait_until_highlighted(page, "d1", ["returns the sum"])
    expect(test).to_have_class("test highlighted")
    expect(test).to_contain_text("def test_sum")
    page.locator("h1").hover()
    wait_until_highlighted(page, "d1", [])
    expect(test).to_have_class("test")


def test_the_keyboard_reaches_requirements_as_well(page: Page) -> None:
    load_response(page, second_round_page())

    page.locator("#d1 .checks a.quote").nth(1).focus()

    wait_until_highlighted(page, "d1", ["An empty list gives 0"])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#d1-test_empty")).to_be_visible()


def test_without_script_a_requirement_is_a_link_to_its_words(browser: Browser) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        load_response(page, second_round_page())

        page.locator("#d1 .checks a.quote").first.click()
        wait_until_highlighted(page, "d1", ["returns the sum"])
        page.locator("#d1 .checks .test-link").first.click()

        assert text_frame(page, "d1").url == "about:srcdoc#p1"
        assert len(context.pages) == 1
        expect(page.locator("#d1-test_sum")).to_be_visible()


@pytest.mark.parametrize("with_script", [True, False])
def test_the_box_for_a_doubt_appears_with_the_approval(browser: Browser, with_script: bool) -> None:
    harness = doubted(QUESTION)
    with browser.new_context(java_script_enabled=with_script) as context:
        page = context.new_page()
        load_response(page, harness.page(harness.enter()))
        box = page.locator("#d1 [name=confirm]")
        expect(box).to_be_hidden()

        page.locator("#d1 [name=approve]").check()
        box.check()

        expect(page.locator("#d1 [name=approve]")).to_be_checked()
        expect(page.locator("#d1 .confirmation")).to_contain_text("Publish despite this doubt")


def test_an_unmet_requirement_is_not_a_link(page: Page) -> None:
    load_response(page, second_round_page())

    lost = page.locator("#d1 .checks li").nth(2)

    expect(lost.locator("a")).to_have_count(0)
    expect(lost).to_contain_text("not found in the text")


def test_a_round_is_decided_by_keyboard_alone(page: Page) -> None:
    load_response(page, second_round_page())
    approve, reject = (page.locator(f"input[name={name}]") for name in ("approve", "reject"))

    for key in ("j", "a", "j", "r"):
        page.keyboard.press(key)
    page.keyboard.type("Too long, and ? is a question.")
    page.keyboard.press("Escape")
    for key in ("j", "a", "a", "j", "k", "a", "u", "d"):
        page.keyboard.press(key)

    expect(approve.nth(0)).to_be_checked()
    expect(reject.nth(1)).to_be_checked()
    expect(page.locator("#d2-reason")).to_have_value("Too long, and ? is a question.")
    expect(approve.nth(2)).not_to_be_checked()
    expect(page.locator("input[name=decision]").first).to_be_focused()
    assert page.locator("input[name=approve]:checked").count() == 1


def test_approval_and_rejection_exclude_each_other_and_are_taken_back_together(page: Page) -> None:
    load_response(page, second_round_page())
    approve, reject = (page.locator(f"#d1 input[name={name}]") for name in ("approve", "reject"))
    approve.check()

    reject.check()

    expect(approve).not_to_be_checked()
    page.locator("#d1").focus()
    page.keyboard.press("u")
    expect(approve).to_be_checked()
    expect(reject).not_to_be_checked()
    page.keyboard.press("u")
    expect(approve).not_to_be_checked()


def test_keys_are_explained_and_can_be_switched_off(page: Page) -> None:
    load_response(page, second_round_page())

    page.keyboard.press("?")

    expect(page.get_by_role("dialog")).to_contain_text("next draft")
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("Turn off these shortcuts").check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("a")
    assert page.locator("input[name=approve]:checked").count() == 0


def test_the_browsers_own_shortcuts_still_work(page: Page) -> None:
    load_response(page, second_round_page())

    page.keyboard.press("j")
    page.keyboard.press("Control+a")
    page.locator("#notes").press("a")

    assert page.locator("input[name=approve]:checked").count() == 0
    expect(page.locator("#notes")).to_have_value("a")


def test_enter_in_the_code_sends_the_decision(page: Page) -> None:
    load_response(page, second_round_page())
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    page.locator("input[name=decision]").first.check()
    page.locator("#code").fill("123456")

    page.locator("#code").press("Enter")

    assert sent == [f"POST {SITE}reviews/{GENERATION}/2/decision"]


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_on_the_page_is_accessible(page: Page, kind: Kind, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    load_response(page, second_round_page(kind))
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    page.locator("#d1 .checks li").first.hover()

    violations = Axe().run(page).response["violations"]

    assert [
        (violation["id"], violation["nodes"][0]["html"][:160]) for violation in violations
    ] == []


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_no_width_makes_the_page_scroll_sideways(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})

    load_response(page, second_round_page(Kind.SQL))
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_texts_fit_their_frames_beside_each_other(page: Page) -> None:
    load_response(page, second_round_page())

    for place in ("d1", "d2", "d3", "d4"):
        page.locator(f"#{place}").scroll_into_view_if_needed()
        frame = text_frame(page, place)
        room = "document.documentElement.clientHeight - document.body.scrollHeight"
        assert 0 <= frame.evaluate(room) < 160


def test_a_printed_page_shows_everything_but_the_form(page: Page) -> None:
    load_response(page, second_round_page())

    page.emulate_media(media="print")

    expect(page.locator("#d1-test_sum")).to_be_visible()
    expect(page.locator("#decision")).to_be_hidden()
    expect(page.locator("nav")).to_be_hidden()


def test_the_lesson_and_the_drafts_are_seen_together(page: Page) -> None:
    load_response(page, second_round_page())
    page.locator("#d3").scroll_into_view_if_needed()

    lesson = page.locator(".lesson iframe").bounding_box()
    card = page.locator("#d3").bounding_box()

    assert lesson is not None
    assert card is not None
    assert lesson["x"] + lesson["width"] < card["x"]
    assert lesson["y"] < 200
    page.keyboard.press("l")
    expect(page.locator(".lesson iframe")).to_be_hidden()


def test_the_page_around_the_drafts_is_small(page: Page) -> None:
    whole = second_round_page()

    bare = second_round_page(drafts=(), before=(), lesson="")

    assert len(bare.body.encode()) < MAX_PAGE_BYTES
    assert len(whole.body.encode()) < 2 * MAX_PAGE_BYTES
    load_response(page, whole)
