"""A review of any size fits on a page, because its longest parts are truncated first."""

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursewright.domain.assignment import Dataset
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.domain.evidence import Evidence, Failure, Mutants, Verdict
from coursewright.domain.requirement import Requirement
from coursewright.pages.truncate import MAX_PAGE_CONTENT_BYTES, part_limit, truncate_draft
from coursewright.web.http import parse_request
from coursewright.web.review_responses import review_response
from coursewright.web.session import require_session, review_page
from tests.unit.review.builders import (
    MODELS,
    ROUND,
    SITE,
    ReviewHarness,
    draft,
    http_event,
    solution_of,
    verification,
)
from tests.unit.review.builders import tests_of as written_tests_of

MAX_RESPONSE_BYTES = 6 * 1024 * 1024  # Lambda's limit
NOISE = "".join(Random(1).choices("".join(map(chr, range(33, 127))) + "\n", k=300_000))
LENGTHS = st.integers(min_value=0, max_value=20_000)


def noise(start: int, length: int) -> str:
    first = start % len(NOISE)
    return (NOISE * 2)[first : first + length]


def whole(number: int, **lengths: int) -> DraftEvidence:
    """Return a draft with incompressible parts of the given lengths."""
    at = number * 2_999
    own = draft(MODELS[0], number, text=noise(at, lengths.get("text", 0)) or "text")
    tests = written_tests_of(own, noise(at + 20_000, lengths.get("tests", 0)), ())
    quotes = range(at, at + lengths.get("requirements", 0), 1_000)
    requirements = tuple(
        Requirement(test="test_sum", quote=noise(quote, 1_000)) for quote in quotes
    )
    code = noise(at + 50_000, lengths.get("code", 0))
    solution = solution_of(own).model_copy(update={"code": code})
    return DraftEvidence(
        draft=own,
        tests=tests.model_copy(update={"requirements": requirements}),
        solution=solution,
        verification=verification(own, good=True),
    )


def shown(evidence: DraftEvidence) -> int:
    """Return the number of bytes that a card shows of a draft."""
    assert evidence.tests is not None
    assert evidence.solution is not None
    parts = [
        evidence.draft.text * 2,
        evidence.draft.code,
        evidence.tests.tests,
        evidence.solution.code,
    ]
    return len("".join([*parts, *(each.quote for each in evidence.tests.requirements)]).encode())


@settings(max_examples=30)
@given(st.lists(st.tuples(LENGTHS, LENGTHS, LENGTHS), min_size=1, max_size=5), st.integers(1, 150))
def test_all_parts_of_all_drafts_fit(lengths: list[tuple[int, int, int]], times: int) -> None:
    drafts = [
        whole(number, text=text, tests=tests, requirements=requirements)
        for number, (text, tests, requirements) in enumerate(lengths)
    ] * times

    most = part_limit(drafts)

    assert sum(
        shown(truncate_draft(candidate, most)) for candidate in drafts
    ) <= MAX_PAGE_CONTENT_BYTES + 20 * len(drafts)


def test_a_draft_that_fits_is_not_touched() -> None:
    drafts = [whole(number, text=2_000, tests=100_000, code=3_000) for number in range(15)]

    most = part_limit(drafts)

    assert all(truncate_draft(candidate, most) is candidate for candidate in drafts)


def test_the_longest_parts_end_first() -> None:
    drafts = [whole(number, text=3_000, tests=100_000) for number in range(100)]

    ends = truncate_draft(drafts[0], part_limit(drafts))

    assert ends.draft == drafts[0].draft
    assert ends.tests is not None
    assert 10_000 < len(ends.tests.tests) < 20_000
    assert ends.tests.tests.endswith("…")


def test_rows_requirements_and_findings_end_with_a_whole_one() -> None:
    complete = whole(1, requirements=5_000)
    assert complete.tests is not None
    assert complete.verification is not None
    rows = tuple((number, "é" * 100) for number in range(50))
    data = Dataset(
        name="many", seed_sql="-- \n" * 1_000, expected_columns=("a",), expected_rows=rows
    )
    evidence = Evidence(
        verdict=Verdict.REJECTED,
        failures=(Failure(test="a", message="b" * 600),) * 9,
        mutants=Mutants(total=9, survivors=("c" * 600,) * 9),
    )
    found = complete.verification.model_copy(update={"evidence": evidence})
    tests = complete.tests.model_copy(update={"datasets": (data,)})

    ends = truncate_draft(
        complete.model_copy(update={"tests": tests, "verification": found}), 2_500
    )

    assert ends.tests is not None
    assert len(ends.tests.requirements) == 2
    assert ends.tests.datasets[0].expected_rows == rows[: len(ends.tests.datasets[0].expected_rows)]
    assert ends.evidence is not None
    assert len(ends.evidence.failures) == 4
    assert ends.evidence.mutants == Mutants(total=9, survivors=("c" * 600,) * 4)


@pytest.mark.slow
def test_a_hundred_of_the_longest_drafts_fit_into_a_functions_answer() -> None:
    harness = ReviewHarness().open()
    name, _, session = harness.enter().partition("=")
    event = http_event("GET", ROUND, f"{name}={session}")
    event["headers"] |= {"accept-encoding": "gzip"}
    request, deps = parse_request(event, public_url=SITE), harness.review_deps()
    page = review_page(require_session(request, deps), deps)
    lengths = {"text": 20_000, "tests": 100_000, "requirements": 100_000, "code": 50_000}
    drafts = tuple(whole(number, **lengths) for number in range(1, 101))

    payload = review_response(page.model_copy(update={"drafts": drafts})).payload(request)

    assert payload["statusCode"] == 200
    assert len(json.dumps(payload)) < MAX_RESPONSE_BYTES


def test_a_reviewer_is_told_of_truncation_and_linked_to_the_whole_draft(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("coursewright.pages.truncate.MAX_PAGE_CONTENT_BYTES", 60_000)
    harness = ReviewHarness(text="<p>Loops. </p>" * 1_000).open()

    body = harness.page(harness.enter()).body

    assert body.count("longest parts have been shortened") == 4
    assert 'name="edit" value="3">Full draft' in body
    assert harness.send(harness.enter(), harness.form(harness.enter())).status == 303
