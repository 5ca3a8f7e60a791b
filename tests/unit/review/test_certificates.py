"""A draft's certificate is built once, then displayed and published with the draft."""

from coursewright.domain.certificate import NearDuplicate
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.evidence import Difference
from coursewright.domain.verification import CrossCheck, Disagreement
from coursewright.pages.evidence_text import evidence_line, measurements_line, statements
from coursewright.steps.draft_evidence import drafts_with_evidence
from tests.unit.review.builders import GENERATION, MODELS, ReviewHarness, draft, stored

FIRST, OTHER = f"{MODELS[0]}/r1/d1", MODELS[1]


def alone(text: str = "<p>Anything else, at length and in words of its own.</p>") -> ReviewHarness:
    harness = ReviewHarness()
    harness.drafts = stored((draft(MODELS[0], 1), draft(MODELS[1], 1, text)))
    return harness


def shown(harness: ReviewHarness) -> tuple[DraftEvidence, ...]:
    return drafts_with_evidence(
        GENERATION, 1, drafts=harness.drafts, verifications=harness.verifications
    )


def test_a_certificate_is_one_line_in_the_email_and_on_the_page() -> None:
    harness = alone().open()
    harness.request()

    summary = "7 tests, 18 of 20 planted mistakes noticed, the starter code fails the tests"
    assert shown(harness)[0].certificate is not None
    assert summary in harness.mail().text
    assert summary in harness.page(harness.enter()).body


def test_models_that_agree_are_counted() -> None:
    harness = alone()
    check = CrossCheck(draft=FIRST, solver=OTHER, agrees=True)
    harness.verifications.save_cross_check(GENERATION, check)

    first, _ = shown(harness.open())

    assert evidence_line(first).endswith("the starter code fails the tests, 2 models agree")
    assert "Solved with the same result, from the text alone, by model-b" in [
        statement.text for statement in statements(first)
    ]


def test_a_disagreement_is_shown_as_ambiguous_with_both_outputs() -> None:
    harness = alone()
    empty = Difference(input="total([])", result="0", own_result="None")
    check = CrossCheck(
        draft=FIRST,
        solver=OTHER,
        agrees=False,
        disagreements=(Disagreement(solver=OTHER, difference=empty),),
    )
    harness.verifications.save_cross_check(GENERATION, check)

    body = harness.open().page(harness.enter()).body

    assert "The text may be ambiguous: model-b solved the task differently." in body
    assert "model-b: total([])\nResult: 0\nResult of the draft’s own solution: None" in body


def test_a_model_that_did_not_solve_a_draft_is_not_counted() -> None:
    harness = alone()
    check = CrossCheck(draft=FIRST, solver=OTHER, agrees=None)
    harness.verifications.save_cross_check(GENERATION, check)

    first, _ = shown(harness.open())

    assert first.certificate is not None
    assert not first.certificate.is_ambiguous
    assert "agree" not in measurements_line(first)


def test_a_near_duplicate_is_flagged_with_its_original() -> None:
    harness = alone("<p>Write <code>total(prices)</code> that returns the sum!</p>").open()

    first, second = shown(harness)

    assert first.certificate is not None
    assert first.certificate.near_duplicate is None
    assert second.certificate is not None
    assert second.certificate.near_duplicate == NearDuplicate(
        of=FIRST, name="Add up the prices, 1", similarity=100
    )


def test_certificates_are_written_once() -> None:
    harness = alone().open()
    before = shown(harness)
    harness.verifications.save_cross_check(
        GENERATION, CrossCheck(draft=FIRST, solver=OTHER, agrees=True)
    )

    harness.open()

    assert shown(harness) == before
