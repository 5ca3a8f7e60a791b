"""Runs one test of an assignment where only its output counts; exports carry this file's text."""

import contextlib
import importlib
import io
import sys
import unittest
from pathlib import Path

TESTS = "coursewright_tests"
PASSED = "ok"


def show(answer: str, file_name: str, test: str) -> None:
    """Print `ok` if an answer passes a test, else the last line of what went wrong."""
    print(outcome(answer, file_name, test))  # noqa: T201 – the output is the result


def outcome(answer: str, file_name: str, test: str) -> str:
    """Save an answer under the name that the tests import, and say what one test finds."""
    Path(file_name).write_bytes(answer.encode())
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    importlib.invalidate_caches()
    result = unittest.TestResult()
    silence = io.StringIO()
    with contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
        try:
            unittest.TestLoader().loadTestsFromName(f"{TESTS}.{test}").run(result)
        except (Exception, SystemExit) as error:  # noqa: BLE001 – a learner's file can raise any
            return f"{type(error).__name__}: {error}".splitlines()[0]
    found = [*result.failures, *result.errors]
    if found:
        return found[0][1].strip().splitlines()[-1]
    if result.testsRun != 1 or result.skipped or not result.wasSuccessful():
        return "the test did not run"
    return PASSED
