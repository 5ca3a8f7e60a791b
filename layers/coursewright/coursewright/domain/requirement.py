"""Requirements: the statement in a draft's text that each of its tests checks."""

from coursewright.domain.base import Record


class Requirement(Record):
    """A test, and the quote from the text that the test checks."""

    test: str
    quote: str


class RequirementCoverage(Record):
    """Which of a draft's requirements are valid, and which parts of its text no test checks."""

    given: int
    not_found: tuple[Requirement, ...]
    unknown_tests: tuple[str, ...] = ()
    tests_without: tuple[str, ...] = ()
    sentences_without: tuple[str, ...] = ()
    tests: int = 0

    @property
    def met(self) -> int:
        """The number of requirements whose quote and test both exist."""
        return self.given - len(self.not_found)
