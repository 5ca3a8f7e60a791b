"""Selections are carried across pages and changed by buttons, without deciding anything."""

import re
from typing import Any

import pytest

from coursewright.domain.assignment import draft_id
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.evidence import Evidence, Finding, FindingCode, Mutants
from coursewright.domain.requirement import Requirement, RequirementCoverage
from coursewright.domain.review import Decision
from coursewright.steps.draft_evidence import drafts_with_evidence
from coursewright.web.bulk_selection import best_of_task, passed_all_checks
from coursewright.web.responses import Response
from tests.unit.review.builders import (
    GENERATION,
    GOOD_EVIDENCE,
    GRACE,
    MODELS,
    ReviewHarness,
    draft,
    solution_of,
    verification,
)
from tests.unit.review.builders import tests_of as written_tests

REQUIREMENT = Requirement(test="test_a", quote="a")
COVERAGE = RequirementCoverage(given=2, not_found=())
FULL = GOOD_EVIDENCE.model_copy(
    update={"mutants": Mutants(total=20, killed=20), "requirements": COVERAGE}
)
FIRST, RIVAL = (draft_id(model, 1, 1) for model in MODELS)


@pytest.fixture
def harness() -> ReviewHarness:
    opened = ReviewHarness().open()
    opened.request()
    return opened


def choose(harness: ReviewHarness, cookie: str, **wanted: object) -> Response:
    form: dict[str, object] = {"csrf": harness.links.csrf(cookie.partition("=")[2])}
    return harness.choose(cookie, form | wanted)


def marked(page: str) -> set[str]:
    return set(re.findall(r'name="approve" value="([^"]*)" checked', page))


def one_draft(evidence: Evidence, **more: Any) -> DraftEvidence:
    plain = draft(MODELS[0], 1)
    proof = verification(plain, good=True).model_copy(update={"evidence": evidence})
    found = DraftEvidence(
        draft=plain,
        tests=written_tests(plain, "import unittest\n", ()),
        solution=solution_of(plain),
        verification=proof,
    )
    return found.model_copy(update=more)


def test_selecting_the_best_of_a_task_deselects_its_rivals(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    other = harness.publishable[2]

    page = choose(harness, cookie, pick=RIVAL, approve=[FIRST, other], notes="So far.")

    assert page.status == 200
    assert marked(page.body) == {RIVAL, other}
    assert "So far." in page.body


def test_a_draft_that_is_not_verified_cannot_be_picked(harness: ReviewHarness) -> None:
    bad = draft_id(MODELS[1], 1, 2)

    page = choose(harness, harness.enter(), pick=bad, approve=[FIRST])

    assert marked(page.body) == {FIRST}


@pytest.mark.parametrize(
    ("bulk_action", "listed"),
    [
        ("selected", {FIRST}),
        ("all_checks_passed", {FIRST}),
        ("best", {FIRST, draft_id(MODELS[0], 1, 2)}),
    ],
)
def test_a_bulk_action_lists_what_would_be_published_and_decides_nothing(
    harness: ReviewHarness, bulk_action: str, listed: set[str]
) -> None:
    before = harness.reviews.writes

    page = choose(harness, harness.enter(), bulk_action=bulk_action, approve=[FIRST])

    assert "Drafts to be published" in page.body
    assert marked(page.body) == listed
    assert (harness.reviews.writes, harness.review.decision) == (before, Decision.PENDING)


def test_a_list_leaves_out_what_was_rejected(harness: ReviewHarness) -> None:
    page = choose(harness, harness.enter(), bulk_action="best", reject=[FIRST])

    assert FIRST not in marked(page.body)
    assert RIVAL in marked(page.body)


def test_an_empty_list_is_explained(harness: ReviewHarness) -> None:
    page = choose(harness, harness.enter(), bulk_action="selected")

    assert "No drafts to publish" in page.body
    assert 'name="code"' not in page.body


def test_the_list_is_sent_with_the_code_and_decides(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    page = choose(harness, cookie, bulk_action="selected", approve=[FIRST]).body
    shown = re.search(r'name="shown_sha256" value="([^"]*)"', page)
    assert shown

    answer = harness.send(
        cookie, harness.form(cookie, shown_sha256=shown[1], approve=sorted(marked(page)))
    )

    assert answer.status == 303
    assert harness.review.approved == (FIRST,)


def test_any_warning_excludes_a_draft_from_bulk_approval() -> None:
    perfect = one_draft(FULL)

    doubtful = [
        one_draft(FULL.model_copy(update=doubt))
        for doubt in (
            {"mutants": GOOD_EVIDENCE.mutants},
            {"requirements": None},
            {"requirements": COVERAGE.model_copy(update={"given": 0})},
            {"requirements": COVERAGE.model_copy(update={"not_found": (REQUIREMENT,)})},
            {"mutants": Mutants()},
            {"doubts": (Finding(code=FindingCode.TEXT_USES_OTHER_DIALECT, blocking=False),)},
        )
    ] + [
        one_draft(FULL, verification=None),
    ]

    assert passed_all_checks(perfect)
    assert not any(map(passed_all_checks, doubtful))


def test_the_best_of_a_task_has_the_strongest_evidence(harness: ReviewHarness) -> None:
    good, full = one_draft(GOOD_EVIDENCE), one_draft(FULL)

    assert best_of_task([good, full]) is full
    assert best_of_task([one_draft(FULL, verification=None)]) is None
    assert best_of_task([]) is None


@pytest.mark.parametrize("wanted", [{"pick": FIRST}, {"bulk_action": "best"}, {"edit": "1"}])
def test_a_foreign_form_gets_no_page_but_the_review(
    harness: ReviewHarness, wanted: dict[str, Any]
) -> None:
    page = choose(harness, harness.enter(), csrf="forged", **wanted)

    assert page.status == 403
    assert marked(page.body) == set()


def test_the_edit_page_preserves_the_selection(harness: ReviewHarness) -> None:
    page = choose(
        harness, harness.enter(), edit="1", approve=[RIVAL], reject=[FIRST], notes="Mine."
    )

    assert page.status == 200
    assert f'type="hidden" name="approve" value="{RIVAL}"' in page.body
    assert f'type="hidden" name="reject" value="{FIRST}"' in page.body
    assert 'name="notes" value="Mine."' in page.body
    assert "Save and verify" in page.body


def test_a_draft_that_is_rejected_and_approved_is_no_decision(harness: ReviewHarness) -> None:
    cookie = harness.enter()

    answer = harness.send(cookie, harness.form(cookie, reject=[FIRST]))

    assert answer.status == 422
    assert "both approved and rejected" in answer.body


def test_reasons_reach_the_models_that_they_are_about(harness: ReviewHarness) -> None:
    cookie = harness.enter()
    form = harness.form(cookie, decision="changes_requested", reject=[FIRST], notes="Shorter.")

    answer = harness.send(cookie, form | {f"reason/{FIRST}": "Too easy."})

    assert answer.status == 303
    assert harness.review.feedback_for(MODELS[0]) == "Shorter.\nDraft 1: Too easy."
    assert harness.review.feedback_for(MODELS[1]) == "Shorter."


def test_a_reason_alone_is_enough_to_ask_for_changes(harness: ReviewHarness) -> None:
    cookie = harness.enter(GRACE)
    form = harness.form(cookie, GRACE, decision="changes_requested", reject=[FIRST])

    answer = harness.send(cookie, form | {f"reason/{FIRST}": "Too easy."})

    assert answer.status == 303


def test_every_draft_of_the_page_can_be_opened_for_an_edit(harness: ReviewHarness) -> None:
    page = harness.page(harness.enter()).body
    drafts = drafts_with_evidence(
        GENERATION, 1, drafts=harness.drafts, verifications=harness.verifications
    )

    places = re.findall(r'name="edit" value="(\d+)"', page)

    assert places == [str(at) for at in range(1, len(drafts) + 1)]
