"""Doubts are shown first, and a blocking doubt must be confirmed before its draft is published."""

import re
from http import HTTPStatus

from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.evidence import VERIFIER_VERSION, Finding, FindingCode, Mutants
from coursewright.markup.i18n import use_language
from coursewright.pages.evidence_text import Tone, badge, doubt_lines, statements
from coursewright.steps.draft_evidence import drafts_with_evidence
from coursewright.steps.publish_assignments import (
    PublishAssignmentsDeps,
    PublishTask,
    publish_assignments,
)
from tests.unit.review.builders import GENERATION, REVIEW, ReviewHarness
from tests.unit.review.doubted import FIRST, QUESTION, REMARK, SECOND, doubted

QUESTION_TEXT = "The text may be ambiguous: model-b solved the task differently."
BOX = f'<input type="checkbox" name="confirm" value="{FIRST}">'


def first_of(harness: ReviewHarness) -> DraftEvidence:
    return drafts_with_evidence(
        GENERATION, 1, drafts=harness.drafts, verifications=harness.verifications
    )[0]


def published(harness: ReviewHarness) -> dict[str, tuple[FindingCode, ...]]:
    """Publish the approved drafts and return the confirmed doubts of each assignment."""
    deps = PublishAssignmentsDeps(
        generations=harness.generations,
        drafts=harness.drafts,
        verifications=harness.verifications,
        reviews=harness.reviews,
        assignments=harness.assignments,
        audit=harness.audit,
        clock=harness.clock,
    )
    task = PublishTask(generation=GENERATION, round=1, review=REVIEW)
    publish_assignments(task, deps=deps)
    assert harness.events("published")[0]["verifier_versions"] == [VERIFIER_VERSION]
    (bundle,) = harness.assignments.bundles.values()
    return {each.draft: each.confirmed_doubts for each in bundle}


def test_the_badge_counts_the_doubts() -> None:
    found: list[tuple[Finding, ...]] = [(), (REMARK,), (REMARK, QUESTION)]

    badges = [badge(first_of(doubted(*findings))) for findings in found]

    assert [(each.tone, each.text) for each in badges] == [
        (Tone.GOOD, "verified"),
        (Tone.DOUBT, "verified, 1 doubt"),
        (Tone.DOUBT, "verified, 2 doubts"),
    ]


def test_the_badge_is_translated() -> None:
    first = first_of(doubted(REMARK, QUESTION))

    with use_language("de"):
        german = badge(first).text
    with use_language("ru"):
        russian = badge(first).text

    assert (german, russian) == ("verifiziert, 2 Vorbehalte", "подтверждён, 2 замечания")


def test_mistakes_that_the_tests_miss_never_have_a_tick() -> None:
    partly = doubted(mutants=Mutants(total=3, killed=2))
    entirely = doubted(mutants=Mutants(total=3, killed=3))

    tones = [
        statement.tone
        for harness in (partly, entirely)
        for statement in statements(first_of(harness))
        if "planted" in statement.text
    ]

    assert tones == [Tone.DOUBT, Tone.GOOD]


def test_no_planted_mistakes_are_no_measurement() -> None:
    harness = doubted(mutants=Mutants())

    body = harness.page(harness.enter()).body

    assert "0 of 0" not in body + harness.mail().text + harness.mail().html


def test_doubts_are_beside_the_badge_before_everything_else() -> None:
    harness = doubted(REMARK)

    body = harness.page(harness.enter()).body

    text = "The draft does not list the requirements that its tests check."
    assert body.index("verified, 1 doubt") < body.index(text) < body.index("<iframe name=")


def test_another_version_of_the_verifier_is_mentioned_only_if_it_differs() -> None:
    current, outdated = doubted(), doubted(verifier_version=1)

    bodies = [harness.page(harness.enter()).body for harness in (current, outdated)]

    text = "Checked by a version of the verifier other than the current one"
    assert [text in body for body in bodies] == [False, True]


def test_doubts_are_listed_in_the_email_without_ticks() -> None:
    mail = doubted(REMARK, QUESTION).mail()

    assert "There are doubts about 1 verified draft." in " ".join(mail.text.split())
    assert "(model-a): verified, 2 doubts\n  ! The draft does not list" in mail.text
    assert f"! {QUESTION_TEXT}" in mail.html
    assert "✓" not in mail.text + mail.html


def test_an_email_lists_only_the_first_doubts() -> None:
    lines = doubt_lines(first_of(doubted(*[REMARK] * 5)))

    assert lines[2:] == (
        "The draft does not list the requirements that its tests check.",
        "2 more doubts",
    )


def test_a_draft_with_a_blocking_doubt_is_not_published_unless_the_doubt_is_confirmed() -> None:
    harness = doubted(QUESTION)
    cookie = harness.enter()

    answer = harness.send(cookie, harness.form(cookie, approve=[FIRST, SECOND]))

    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Drafts approved without confirming their doubts: 1." in answer.body
    assert re.search(r'<a href="#d1">Task 1, by model-a: Add up the prices, 1</a>', answer.body)
    assert not harness.review.is_decided


def test_the_box_names_the_doubt_and_remains_checked_when_the_form_is_refused() -> None:
    harness = doubted(QUESTION)
    cookie = harness.enter()
    form = harness.form(cookie, approve=[FIRST], confirm=[FIRST], code="000000")

    before, after = harness.page(cookie).body, harness.send(cookie, form).body

    assert f"{BOX} <span>Publish despite this doubt: {QUESTION_TEXT}</span>" in before
    assert BOX.replace(">", " checked>") in after


def test_a_remark_needs_no_confirmation() -> None:
    harness = doubted(REMARK)
    cookie = harness.enter()

    assert 'name="confirm"' not in harness.page(cookie).body
    assert (
        harness.send(cookie, harness.form(cookie, approve=[FIRST])).status == HTTPStatus.SEE_OTHER
    )


def test_a_confirmation_is_audited_and_published_with_the_assignment() -> None:
    harness = doubted(QUESTION)
    cookie = harness.enter()

    answer = harness.send(cookie, harness.form(cookie, approve=[FIRST, SECOND], confirm=[FIRST]))

    assert answer.status == HTTPStatus.SEE_OTHER
    (entry,) = harness.events("review_decided")
    assert entry["confirmed_doubts"] == {FIRST: (FindingCode.AMBIGUOUS,)}
    assert f"{FIRST}: {QUESTION_TEXT}" in harness.audit_page(cookie).body
    assert published(harness) == {FIRST: (FindingCode.AMBIGUOUS,), SECOND: ()}


def test_a_list_of_drafts_to_publish_asks_for_the_same_confirmation() -> None:
    harness = doubted(QUESTION)
    cookie = harness.enter()

    page = harness.choose(cookie, harness.form(cookie, approve=[FIRST], bulk_action="selected"))

    assert "verified, 1 doubt" in page.body
    assert BOX in page.body
