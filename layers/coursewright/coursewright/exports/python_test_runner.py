"""Runs one test of an assignment for systems that compare printed output; embedded in exports."""

import contextlib
import importlib
import io
import sys
import unittest
from pathlib import Path

TESTS_MODULE = "coursewright_tests"
PASSED = "ok"


def print_result(answer: str, file_name: str, test: str) -> None:
    """Print `ok` if the answer passes the test, else the last line of the error."""
    print(run_test(answer, file_name, test))  # noqa: T201 – the output is the result


def run_test(answer: str, file_name: str, test: str) -> str:
    """Save the answer under the name that the tests import, run one test and return its result."""
    Path(file_name).write_bytes(answer.encode())
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    importlib.invalidate_caches()
    result = unittest.TestResult()
    discarded = io.StringIO()
    with contextlib.redirect_stdout(discarded), contextlib.redirect_stderr(discarded):
        try:
            unittest.TestLoader().loadTestsFromName(f"{TESTS_MODULE}.{test}").run(result)
        except (Exception, SystemExit) as error:  # noqa: BLE001 – a learner's file can raise any
            return f"{type(error).__name__}: {error}".splitlines()[0]
    problems = [*result.failures, *result.errors]
    if problems:
        return problems[0][1].strip().splitlines()[-1]
    if result.testsRun != 1 or result.skipped or not result.wasSuccessful():
        return "the test did not run"
    return PASSED
