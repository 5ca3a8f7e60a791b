"""Near duplicates are recognised by their wording, regardless of their titles."""

import pytest

from coursewright.verification.near_duplicates import find_near_duplicates
from tests.contracts.records import draft
from tests.contracts.records_published import assignment

LEAP = (
    "<p>A leap year has 366 days. Write <code>leap(year)</code>, which says whether a year is a "
    "leap year: divisible by four, but not by a hundred, unless by four hundred.</p>"
)
ALMOST = LEAP.replace("<p>", "<div>").replace("which says whether", "that tells whether")
OTHER = (
    "<p>A shop sells tickets. Write <code>total(prices)</code>, which adds up the prices of all "
    "tickets and gives zero where none was sold.</p>"
)


def test_a_near_duplicate_names_its_original() -> None:
    first, copied = draft(1, text=LEAP), draft(2, text=ALMOST, name="The calendar")

    found = find_near_duplicates([first, copied], [])

    assert list(found) == [copied.draft]
    assert found[copied.draft].of == first.draft
    assert 50 <= found[copied.draft].similarity < 100


@pytest.mark.parametrize("text", [OTHER, "<p></p>", ""])
def test_a_different_task_is_not_a_duplicate(text: str) -> None:
    others = [draft(1, text=LEAP, code=""), draft(2, text=text, code="", name="Tickets")]

    assert find_near_duplicates(others, []) == {}


def test_published_assignments_are_compared_first() -> None:
    published = assignment("openai:m/r1/d1").model_copy(update={"text": LEAP, "code": ""})

    found = find_near_duplicates([draft(1, text=LEAP, code="", name=published.name)], [published])

    (near_duplicate,) = found.values()
    assert near_duplicate.is_published
    assert near_duplicate.of == published.assignment
    assert near_duplicate.similarity == 100
