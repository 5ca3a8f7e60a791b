"""Records test outcomes inside the sandbox.

Loaded as text into the sandbox image.
"""

import io
import types
import unittest
from typing import Any

from coursewright.verification.python.error_description import (
    clean_text,
    compared_values,
    describe_error,
    find_bare_assert,
)

MAX_EXPLAINED_ASSERTS = 5
MAX_OUTPUT_CHARS = 65_536
MAX_OUTCOMES = 500


class LimitedOutput(io.StringIO):
    """Captures printed text up to a size limit."""

    def write(self, text: str) -> int:
        """Store the text unless the limit is reached."""
        if self.tell() < MAX_OUTPUT_CHARS:
            super().write(text[:MAX_OUTPUT_CHARS])
        return len(text)


class OutcomeRecorder(unittest.TestResult):
    """Records the outcome of each test."""

    def __init__(self, files: set[str]) -> None:
        super().__init__()
        self.files = files
        self.outcomes: list[dict[str, str]] = []
        self._bare: list[tuple[dict[str, str], types.FrameType, int]] = []

    def is_tampered(self) -> bool:
        """Whether code under test replaced the class, methods or the list of outcomes."""
        is_replaced = type(self) is not OutcomeRecorder or type(self.outcomes) is not list
        return is_replaced or any(
            callable(getattr(OutcomeRecorder, name, None)) for name in vars(self)
        )

    def start_alone(self) -> None:
        """Forget which fixtures are set up, so that the next test sets up its own."""
        self._previousTestClass = None
        self._moduleSetUpFailed = False

    def explain_bare_asserts(self) -> None:
        """Add the compared values to the messages of failed plain asserts."""
        for outcome, frame, number in self._bare[:MAX_EXPLAINED_ASSERTS]:
            outcome["message"] = clean_text(outcome["message"] + compared_values(frame, number))

    def _record(self, test: Any, outcome: str, **details: str) -> None:
        if len(self.outcomes) < MAX_OUTCOMES:
            empty = {"error": "", "file_name": "", "message": ""}
            self.outcomes.append({"test": test.id(), "outcome": outcome, **empty, **details})

    def addSuccess(self, test: Any) -> None:  # noqa: N802
        """Record a test that passed."""
        self._record(test, "passed")

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        """Record a failed assertion."""
        self._record(test, "failed", **describe_error(err[1], self.files))
        if location := find_bare_assert(err[1], self.files):
            self._bare.append((self.outcomes[-1], *location))

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        """Record an error other than a failed assertion."""
        self._record(test, "failed", **describe_error(err[1], self.files))

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
        """Record a skipped test."""
        self._record(test, "skipped", message=clean_text(str(reason)))

    def addExpectedFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        """Record a failure: no test of an assignment should be expected to fail."""
        self._record(test, "failed", message="The test is marked as an expected failure.")

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        """Record a failure: no test of an assignment should be expected to fail."""
        self._record(test, "failed", message="The test is marked as an expected failure.")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        """Record a failed subtest."""
        if err is not None:
            details = describe_error(err[1], self.files)
            case = f"{subtest._subDescription()}\n{details['message']}"
            self._record(test, "failed", **{**details, "message": clean_text(case)})
