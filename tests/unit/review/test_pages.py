"""Text written by models is inert on the page."""

import base64
import re
from hashlib import sha256
from html import unescape

import pytest

from coursewright.domain.allowed_html import removed_markup
from coursewright.domain.assignment import Dataset
from coursewright.domain.brief import Kind
from coursewright.markup.formatting import money, one_line, seconds
from coursewright.markup.sanitise import clean_html
from coursewright.pages.assets import inline
from coursewright.pages.evidence_text import Tone, doubts, statements
from coursewright.steps.draft_evidence import drafts_with_evidence
from tests.fakes.memory_review import MemoryVerifications
from tests.unit.review.builders import GENERATION, MODELS, ReviewHarness, draft, stored

HOSTILE = (
    "<p onclick=alert(1)>Text</p><script>alert(1)</script><img src=https://evil.example/pixel>"
    "<a href='javascript:alert(1)'>link</a><style>@import 'https://evil.example/x.css';</style>"
    "<form action=https://evil.example><input name=code></form><base href=https://evil.example>"
    "<iframe src=https://evil.example></iframe><svg onload=alert(1)></svg>"
    "<p style='background:url(https://evil.example/y)'>More</p><meta http-equiv=refresh content=0>"
)


def test_hostile_html_is_reduced_to_its_text() -> None:
    clean = clean_html(HOSTILE)

    assert clean == "<p>Text</p>link<p>More</p>"


@pytest.mark.parametrize("text", ["<p>Plain</p>", "<pre><code>a &lt; b</code></pre>", "no tags"])
def test_the_markup_of_a_task_is_preserved(text: str) -> None:
    assert clean_html(text) == text
    assert removed_markup(text) == ()


def test_a_reviewer_sees_what_was_removed() -> None:
    removed = removed_markup("<p style=x>a</p><script>b</script><a href=c>d</a>")

    assert removed == ("<a>", "<script>", "style=")


def test_a_hostile_draft_cannot_make_the_page_load_or_run_anything() -> None:
    harness = ReviewHarness(text=HOSTILE).open()

    body = harness.page(harness.enter()).body

    frames = re.findall(r'srcdoc="([^"]*)"', body)
    assert len(frames) == 5
    assert all("evil.example" not in unescape(frame) for frame in frames)
    outside = re.sub(r'srcdoc="[^"]*"', "", body).replace(f"<script>{inline('review.js')}", "")
    assert re.findall(r"<(?:script|img|link|base|meta http)", outside) == []
    assert {
        re.sub(r"#(?:task-|p)\d+$", "#n", place)
        for place in re.findall(r'(?:href|src|action)="([^"]*)"', outside)
    } == {
        "#n",
        "#decision",
        "#league",
        "about:srcdoc#n",
        "/reviews/3f9c1b7a2d4e5f60/1/audit",
        "/reviews/3f9c1b7a2d4e5f60/1/choices",
        "/reviews/3f9c1b7a2d4e5f60/1/decision",
        "/reviews/3f9c1b7a2d4e5f60/1/reviewers",
    }
    assert "Removed because it is not allowed" in body


def test_frames_are_sandboxed_without_exceptions() -> None:
    harness = ReviewHarness().open()

    body = harness.page(harness.enter()).body

    frames = re.findall(r"<iframe [^>]*", re.sub(r'"[^"]*"', '""', body))
    assert len(frames) == 5
    assert all(re.search(r" sandbox(?: |$)", frame) for frame in frames)


def test_the_policy_lists_the_hash_of_every_style_sheet_and_script() -> None:
    harness = ReviewHarness().open()

    answer = harness.page(harness.enter())

    ours = re.findall(r"<(style|script)>(.*?)</\1>", unescape(answer.body), re.DOTALL)
    digests = {base64.b64encode(sha256(text.encode()).digest()).decode() for _tag, text in ours}
    policy = answer.headers["content-security-policy"]
    assert digests == set(re.findall(r"'sha256-([^']+)'", policy))
    assert len(digests) == 3


def test_names_and_code_are_escaped() -> None:
    harness = ReviewHarness()
    hostile = {"name": '"><script>alert(1)</script>', "concepts": ("<b>",)}
    display_name = draft(MODELS[0], 1).model_copy(update=hostile)
    harness.drafts = stored((display_name,), test_code="</pre><script>alert(1)</script>")

    body = harness.open().page(harness.enter()).body

    assert body.count("<script") == 1
    assert f"<script>{inline('review.js')}</script>" in body
    assert "<b>" not in body


def test_evidence_is_phrased_in_sentences() -> None:
    harness = ReviewHarness().open()
    good, *_, bad = drafts_with_evidence(
        GENERATION, 1, drafts=harness.drafts, verifications=harness.verifications
    )

    assert [statement.text for statement in statements(good)] == [
        "The tests notice 18 of 20 planted mistakes",
        "The solution passes 7 tests",
        "The starter code fails the tests, as it should",
        "A second run with different random numbers gave the same result",
    ]
    tones = [statement.tone for statement in statements(bad)]
    assert tones == [Tone.BAD, Tone.DOUBT, Tone.GOOD, Tone.GOOD]
    assert doubts(bad)[0].text.endswith("% identical to “Add up the prices, 2” by model-a.")


def test_evidence_of_a_query_names_datasets_and_describes_empty_results() -> None:
    harness = ReviewHarness()
    written = draft(MODELS[0], 1).model_copy(
        update={"kind": Kind.SQL, "schema_sql": "CREATE TABLE t"}
    )
    empty = Dataset(name="edge", seed_sql="", expected_columns=("id",), expected_rows=())
    null = empty.model_copy(update={"expected_rows": ((None,),)})
    harness.drafts = stored((written,), datasets=(empty, null))

    body = harness.open().page(harness.enter()).body

    assert "The solution returns the expected rows for 7 datasets" in body
    assert "Inserting the rows in a different order gave the same result" in body
    assert "no rows" in body
    assert "<td>NULL</td>" in body


def test_a_draft_that_a_model_declined_to_finish_is_shown_as_such() -> None:
    harness = ReviewHarness()
    harness.verifications = MemoryVerifications()

    body = harness.open().page(harness.enter()).body

    assert body.count("declined to write part") == 4
    assert 'name="approve"' not in body


def test_an_unknown_price_is_called_unknown() -> None:
    assert [money(None), money(0), money(4_200), money(1_250_000)] == [
        "unknown",
        "$0.00",
        "$0.0042",
        "$1.25",
    ]


def test_durations_are_readable() -> None:
    assert [seconds(0.42), seconds(42.4), seconds(125)] == ["0.4 s", "42 s", "2 min"]


def test_a_long_text_fits_into_a_line() -> None:
    line = one_line("a\nb " * 200)

    assert "\n" not in line
    assert len(line) == 160


def test_a_page_without_a_leaderboard_explains_why() -> None:
    harness = ReviewHarness()
    harness.verifications.leagues.clear()

    body = harness.open().page(harness.enter()).body

    assert "The models were not compared" in body


def test_the_leaderboard_shows_its_confidence_intervals() -> None:
    harness = ReviewHarness().open()

    body = harness.page(harness.enter()).body

    assert "2 of 2 (34–100%)" in body
    assert "18 of 20 (70–97%)" in body
    assert "9,000 / 4,000 / 3,000" in body
    assert "2.5 s, up to 4.0 s" in body


def test_every_draft_shows_its_cost() -> None:
    harness = ReviewHarness().open()

    body = harness.page(harness.enter()).body

    costs = re.findall(r"· cost: (\S+)</p>", body)
    assert costs == ["$0.0107", "unknown"] * 2


def test_decisions_are_counted_in_the_leaderboard() -> None:
    harness = ReviewHarness().open()
    cookie = harness.enter()
    before = harness.page(cookie).body

    harness.send(cookie, harness.form(cookie, approve=[f"{MODELS[0]}/r1/d1"]))

    after = harness.page(cookie).body
    assert "Per approved draft" not in before
    assert "Per approved draft" in after
    assert "1 of 2 (9–91%)" in after
