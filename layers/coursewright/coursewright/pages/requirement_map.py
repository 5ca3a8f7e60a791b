"""What each test of a draft checks, and where a page shows the test and the words."""

from coursewright.domain.assignment import DraftTests
from coursewright.domain.base import Record
from coursewright.domain.draft_evidence import DraftEvidence
from coursewright.markup.highlight_code import last_name, module_tests


class MappedRequirement(Record):
    """A test and the words that it checks; places are empty where there are none."""

    number: int
    test: str
    quote: str
    test_place: str
    is_in_text: bool


def map_requirements(one: DraftEvidence, place: str) -> tuple[MappedRequirement, ...]:
    """Return the requirements of a draft's tests in order, numbered as in the text."""
    if one.tests is None:
        return ()
    places = _test_places(one.tests, place)
    coverage = one.evidence.requirements if one.evidence else None
    not_found = coverage.not_found if coverage else ()
    return tuple(
        MappedRequirement(
            number=number,
            test=each.test,
            quote=each.quote,
            test_place=places.get(each.test) or places.get(last_name(each.test), ""),
            is_in_text=each not in not_found,
        )
        for number, each in enumerate(one.tests.requirements, start=1)
    )


def _test_places(tests: DraftTests, place: str) -> dict[str, str]:
    if tests.datasets:
        return {one.name: f"{place}-set{at}" for at, one in enumerate(tests.datasets)}
    return {name: f"{place}-{name}" for name in module_tests(tests.tests)}
