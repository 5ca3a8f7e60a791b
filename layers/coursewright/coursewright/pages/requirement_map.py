"""Maps each of a draft's tests to the quoted requirement that it checks, for links on the page."""

from coursewright.domain.assignment import DraftTests
from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.markup.highlight_code import last_name, module_tests


class MappedRequirement(Record):
    """A test and the quote that it checks; `test_place` is empty if the test has no HTML id."""

    number: int
    test: str
    quote: str
    test_place: str
    is_in_text: bool


def map_requirements(draft: DraftEvidence, place: str) -> tuple[MappedRequirement, ...]:
    """Return the requirements of a draft's tests in order, numbered as in the text."""
    if draft.tests is None:
        return ()
    places = _test_places(draft.tests, place)
    coverage = draft.evidence.requirements if draft.evidence else None
    not_found = coverage.not_found if coverage else ()
    return tuple(
        MappedRequirement(
            number=number,
            test=each.test,
            quote=each.quote,
            test_place=places.get(each.test) or places.get(last_name(each.test), ""),
            is_in_text=each not in not_found,
        )
        for number, each in enumerate(draft.tests.requirements, start=1)
    )


def _test_places(tests: DraftTests, place: str) -> dict[str, str]:
    if tests.datasets:
        return {dataset.name: f"{place}-set{index}" for index, dataset in enumerate(tests.datasets)}
    return {name: f"{place}-{name}" for name in module_tests(tests.tests)}
