"""Tells what is wrong with code that cannot be run, in words that a teacher understands."""

from coursewright.verification.check_request import PythonCheck
from coursewright.verification.python.results import ErrorDetails, LoadError
from coursewright.verification.rejections import Reason, ReasonCode, reason

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
    # What an event loop says that finds no sockets.
    "Invalid file descriptor: -1",
    "No module named '_",
)
LACKING_ERRORS = {"ZoneInfoNotFoundError"}


def too_long(check: PythonCheck) -> str:
    """Name the part of a draft that is too long, if there is one."""
    parts = {"tests": check.tests, "solution": check.solution, "starter": check.starter}
    return next((name for name, code in parts.items() if len(code) > MAX_CODE_CHARS), "")


def long_code(part: str) -> Reason:
    """Say which part is too long, and what it may have."""
    return reason(ReasonCode.CODE_TOO_LONG, f"The {part} may have {MAX_CODE_CHARS:,} characters.")


def plain(check: PythonCheck) -> PythonCheck:
    """Leave out what editors on other systems put in: a mark at the start, other line ends."""
    parts = ("starter", "solution", "tests", "reference")
    return check.model_copy(update={name: _plain(getattr(check, name)) for name in parts})


def _plain(source: str) -> str:
    return source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def lacks(error: str, message: str) -> bool:
    """Return whether code failed for want of something that the sandbox does not have."""
    if error == "ModuleNotFoundError" or error in LACKING_ERRORS:
        return True
    return any(words in message for words in LACKS)


def unreadable_tests(error: str) -> Reason:
    """Say why tests cannot even be read."""
    is_syntax = error.partition(":")[0] in NOT_PYTHON
    code = ReasonCode.TESTS_ARE_NOT_PYTHON if is_syntax else ReasonCode.TESTS_DO_NOT_LOAD
    return reason(code, error)


def unloadable(error: LoadError, *, in_solution: bool) -> Reason:
    """Say why a module cannot be imported."""
    return reason(_load_code(error, in_solution=in_solution), error.message)


def _load_code(error: ErrorDetails, *, in_solution: bool) -> ReasonCode:
    if lacks(error.error, error.message):
        return ReasonCode.SANDBOX_LACKS
    if in_solution:
        is_syntax = error.error in NOT_PYTHON
        return ReasonCode.SOLUTION_IS_NOT_PYTHON if is_syntax else ReasonCode.SOLUTION_DOES_NOT_LOAD
    is_name = error.error == "ImportError" and "cannot import name" in error.message
    return ReasonCode.NAME_MISSING if is_name else ReasonCode.TESTS_DO_NOT_LOAD
