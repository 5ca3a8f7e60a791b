"""Findings and certificates are phrased in the reader's language."""

from coursewright.domain.brief import Kind
from coursewright.domain.certificate import Certificate
from coursewright.domain.evidence import Difference, Failure, Finding, FindingCode, Param
from coursewright.domain.verification import Disagreement
from coursewright.markup.evidence_text import (
    certificate_text,
    disagreement_text,
    finding_text,
)


def certificate(**changes: object) -> Certificate:
    facts = {
        "draft": "openai:m/r1/d1",
        "attempt": 0,
        "verified": True,
        "checked": True,
        "tests": 7,
        "mutants": 24,
        "mutants_killed": 22,
        "starter_fails": True,
        "repeatable": True,
        "independent": True,
        "requirements": 7,
        "requirements_met": 7,
        "agreeing": ["openai:n"],
        "disagreeing": [],
        "disagreements": [],
        "near_duplicate": None,
    }
    return Certificate.model_validate(facts | changes)


def test_names_and_program_output_follow_the_sentence() -> None:
    many = Finding(
        code=FindingCode.SOLUTION_FAILS, where=("T.test_a", "T.test_b"), params={"more": 2}
    )
    error = Finding(code=FindingCode.WRONG_ROWS, where=("few",), params={"error": "no such table"})

    assert finding_text(many) == (
        "The solution does not pass its own tests: T.test_a, T.test_b and 2 more"
    )
    assert finding_text(error).endswith("the dataset expects: few: no such table")


def test_a_parameter_that_was_never_stored_is_an_ellipsis() -> None:
    text = finding_text(Finding(code=FindingCode.TESTS_TOO_WEAK, params={"killed": 3}))

    assert text.endswith("they notice 3 of … planted mistakes.")


def test_limits_are_written_in_groups_of_digits() -> None:
    finding = Finding(code=FindingCode.CODE_TOO_LONG, params={"part": "tests", "limit": 100_000})

    assert finding_text(finding) == (
        "The code is too long for an assignment. The tests can be up to 100,000 characters long."
    )


def test_unmet_requirements_are_quoted() -> None:
    finding = Finding(
        code=FindingCode.REQUIREMENTS_UNCHECKED,
        where=("test_b",),
        params={"quotes": ("“a sum” (test_a)",)},
    )

    text = finding_text(Finding.model_validate_json(finding.model_dump_json()))

    assert text.endswith(
        "Not in the text or without a test: “a sum” (test_a). Tests without a requirement: test_b."
    )


def test_a_verified_draft_is_summarised_in_one_line() -> None:
    text = certificate_text(certificate(), Kind.PYTHON)

    assert text == (
        "verified: 7 tests, 22 of 24 planted mistakes noticed, the starter code fails the tests, "
        "2 models agree"
    )


def test_doubts_are_counted_in_the_same_line() -> None:
    doubts = (Finding(code=FindingCode.NO_REQUIREMENTS, blocking=False),) * 2

    texts = [
        certificate_text(certificate(attempt=1, agreeing=[], doubts=doubts[:number]), Kind.SQL)
        for number in (1, 2)
    ]

    assert [text.partition(": ")[0] for text in texts] == [
        "verified, 1 doubt",
        "verified, 2 doubts",
    ]
    assert texts[0].endswith(
        ": 7 datasets, 22 of 24 planted mistakes noticed, the starter code fails the tests, "
        "repaired once"
    )


def test_a_count_of_no_mistakes_is_not_a_measurement() -> None:
    text = certificate_text(certificate(mutants=0, mutants_killed=0), Kind.PYTHON)

    assert "planted" not in text


def test_a_near_duplicate_is_named_with_its_model_unless_it_is_published() -> None:
    params: dict[str, Param] = {"name": "Leap years", "similarity": 92}
    of_model = Finding(code=FindingCode.NEAR_DUPLICATE, params=params | {"model": "openai:n"})
    published = Finding(code=FindingCode.NEAR_DUPLICATE, params=params)

    assert finding_text(of_model) == "The draft is 92% identical to “Leap years” by n."
    assert finding_text(published) == "The draft is 92% identical to the published “Leap years”."


def test_disagreeing_models_are_named_without_their_providers() -> None:
    finding = Finding(code=FindingCode.AMBIGUOUS, params={"models": ("openai:n", "openai:o")})

    text = finding_text(Finding.model_validate_json(finding.model_dump_json()))

    assert text == "The text may be ambiguous: n, o solved the task differently."


def test_a_draft_that_is_not_verified_is_called_so() -> None:
    rejected = certificate(verified=False)
    unchecked = certificate(verified=False, tests=0, mutants=0, agreeing=[], starter_fails=False)

    assert certificate_text(rejected, Kind.PYTHON).startswith("not verified: 7 tests")
    assert certificate_text(unchecked, Kind.PYTHON) == "not verified"


def test_a_disagreement_names_the_model_and_what_differs() -> None:
    solver = "openai:n"
    empty = Difference(input="total([])", result="None", own_result="0")
    failure = Failure(test="T.test_a", message="None != 0")

    texts = [
        disagreement_text(Disagreement(solver=solver, difference=empty)),
        disagreement_text(Disagreement(solver=solver, failure=failure)),
        disagreement_text(Disagreement(solver=solver, reason=Finding(code=FindingCode.TIMED_OUT))),
    ]

    assert texts == [
        "n: total([])\nResult: None\nResult of the draft’s own solution: 0",
        "n, T.test_a:\nNone != 0",
        "n: The code did not finish in time.",
    ]
