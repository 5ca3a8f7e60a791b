"""Classifies code that cannot be run, by its error or by the limit it exceeds."""

from coursewright.domain.evidence import Finding, FindingCode
from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.results import TOO_COMPLICATED, ErrorDetails, LoadError
from coursewright.verification.rejections import reason

MAX_CODE_CHARS = 100_000
NOT_PYTHON = ("SyntaxError", "IndentationError", "TabError")
LACKS = (
    "can't start new thread",
    "asyncio.run() cannot be called from a running event loop",
    "Cannot run the event loop while another loop is running",
    "does not support processes",
    "networking not enabled",
    "No time zone found",
    "has no attribute 'fork'",
    "has no attribute 'WNOHANG'",
    "module 'os' has no attribute 'pipe'",
    # The message of an event loop that cannot use sockets.
    "Invalid file descriptor: -1",
    "No module named '_",
)
LACKING_ERRORS = {"ZoneInfoNotFoundError"}


def part_too_long(check: PythonCheck) -> str:
    """Return the name of a part of the draft that is too long, or an empty string."""
    parts = {"tests": check.tests, "solution": check.solution, "starter": check.starter}
    return next((name for name, code in parts.items() if len(code) > MAX_CODE_CHARS), "")


def code_too_long(part: str) -> Finding:
    """Return the reason to reject a draft with a part that is too long."""
    return reason(FindingCode.CODE_TOO_LONG, part=part, limit=MAX_CODE_CHARS)


def normalised(check: PythonCheck) -> PythonCheck:
    """Remove byte order marks and convert line endings, which vary between editors."""
    parts = ("starter", "solution", "tests", "reference")
    return check.model_copy(update={name: _normalise(getattr(check, name)) for name in parts})


def _normalise(source: str) -> str:
    return source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def lacks(error: str, message: str) -> bool:
    """Return whether code failed because it needs something that the sandbox lacks."""
    if error == "ModuleNotFoundError" or error in LACKING_ERRORS:
        return True
    return any(text in message for text in LACKS)


def unreadable_tests(error: str) -> Finding:
    """Return the reason to reject tests that cannot be parsed."""
    if error == TOO_COMPLICATED:
        return reason(FindingCode.TESTS_TOO_COMPLICATED)
    is_syntax = error.partition(":")[0] in NOT_PYTHON
    code = FindingCode.TESTS_ARE_NOT_PYTHON if is_syntax else FindingCode.TESTS_DO_NOT_LOAD
    return reason(code, error=error)


def unloadable(error: LoadError, *, in_solution: bool) -> Finding:
    """Return the reason to reject a module that cannot be imported."""
    return reason(_load_code(error, in_solution=in_solution), error=error.message)


def _load_code(error: ErrorDetails, *, in_solution: bool) -> FindingCode:
    if lacks(error.error, error.message):
        return FindingCode.SANDBOX_LACKS
    if in_solution:
        is_syntax = error.error in NOT_PYTHON
        return (
            FindingCode.SOLUTION_IS_NOT_PYTHON if is_syntax else FindingCode.SOLUTION_DOES_NOT_LOAD
        )
    is_name = error.error == "ImportError" and "cannot import name" in error.message
    return FindingCode.NAME_MISSING if is_name else FindingCode.TESTS_DO_NOT_LOAD
