"""Runs tests inside the sandboxed interpreter and reports outcomes, not verdicts.

Loaded as text into the sandbox image. Of the project, it imports only other guest modules, and it
never runs in the project's own processes.
"""

import importlib
import io
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import types
import unittest
import unittest.async_case
import unittest.mock
import warnings
from collections.abc import Iterator
from typing import Any

from coursewright.verification.python.error_description import describe_error
from coursewright.verification.python.framework_snapshot import Snapshot
from coursewright.verification.python.outcome_recorder import LimitedOutput, OutcomeRecorder
from coursewright.verification.python.simulated_clock import set_clock
from coursewright.verification.python.simulated_identity import set_identity
from coursewright.verification.python.source_importer import SourceImporter

# The only folder that a program may write to; it exists only in memory.
WORKDIR = "/data"
MAX_RECURSION_DEPTH = 10_000

_SNAPSHOT = Snapshot()
_encode = json.dumps
_set_recursion_limit = sys.setrecursionlimit


def _ignore_main(*_: object, **__: object) -> None:
    """Stand in for ``unittest.main``: a test file may call it, but this module runs the tests."""


def _limit_recursion(depth: int) -> None:
    _set_recursion_limit(min(depth, MAX_RECURSION_DEPTH))


def _load(name: str) -> unittest.TestSuite:
    return unittest.TestLoader().loadTestsFromModule(importlib.import_module(name))


def _flatten(suite: Any) -> Iterator[unittest.TestCase]:
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from _flatten(test)
        else:
            yield test


def _run(suite: unittest.TestSuite, recorder: OutcomeRecorder) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # An async test in a plain TestCase is never awaited, so it would pass without checking.
        warnings.filterwarnings("error", message=".*return a value")
        suite.run(recorder)


class _TestRun:
    """One run of a draft's tests under certain conditions."""

    def __init__(self, job: dict[str, Any]) -> None:
        conditions = job["conditions"]
        self.tests_module: str = job["tests_module"]
        self.seed: int = conditions["seed"]
        self.order: str = conditions["order"]
        self.only: str = conditions["only"]
        self.load_error: dict[str, str] | None = None
        self.stopped: dict[str, str] | None = None
        os.chdir(WORKDIR)
        tempfile.tempdir = WORKDIR
        # Remove the sources from the job: code under test can still reach its dictionary.
        self.importer = SourceImporter(
            job.pop("modules"),
            self.tests_module,
            set_order=conditions["set_order"],
            is_explained=job["is_explained"],
        )
        self.recorder = OutcomeRecorder(self.importer.files())
        self.files = {path.name for path in pathlib.Path().iterdir()}
        set_clock(conditions["moment"], conditions["zone_minutes"])
        set_identity(conditions["identity_mask"])

    def run(self) -> None:
        """Load and run the tests."""
        sys.meta_path.insert(0, self.importer)
        self._start()
        try:
            suite = _load(self.tests_module)
        except BaseException as error:  # noqa: BLE001  code under test may raise anything
            culprit = next(iter(self.importer.errors), self.tests_module)
            described = describe_error(error, self.importer.files())
            self.load_error = {"module": culprit, **described}
            return
        try:
            self._run_in_order(suite)
            self.recorder.explain_bare_asserts()
        except BaseException as error:  # noqa: BLE001  code under test may raise anything
            self.stopped = describe_error(error, self.importer.files())

    def _run_in_order(self, suite: unittest.TestSuite) -> None:
        if self.only:
            chosen = [test for test in _flatten(suite) if test.id() == self.only]
            _run(unittest.TestSuite(chosen), self.recorder)
        elif self.order == "alone":
            for index, test in enumerate(_flatten(suite)):
                self._run_alone(index, test.id())
        elif self.order == "reversed":
            _run(unittest.TestSuite(reversed(list(_flatten(suite)))), self.recorder)
        else:
            _run(suite, self.recorder)

    def _run_alone(self, index: int, name: str) -> None:
        """Run one test in newly imported modules and an empty folder."""
        self._start()
        test = list(_flatten(_load(self.tests_module)))[index]
        if test.id() != name:
            raise LookupError(f"{name} is not loaded again")
        self.recorder.start_alone()
        _run(unittest.TestSuite([test]), self.recorder)

    def _start(self) -> None:
        """Remove what the previous test left; reset the random seed and the standard streams."""
        self.importer.forget()
        os.chdir(WORKDIR)
        for path in pathlib.Path().iterdir():
            if path.name not in self.files:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        sys.stdin, sys.stdout, sys.stderr = io.StringIO(""), LimitedOutput(), LimitedOutput()
        random.seed(self.seed)


def run_tests(job: dict[str, Any]) -> str:
    """Run a job's tests, and return the report with the job's nonce as JSON."""
    run = _TestRun(job)
    run.run()
    is_tampered = _SNAPSHOT.is_changed() or OutcomeRecorder.is_tampered(run.recorder)
    report = {
        "load_error": run.load_error,
        "stopped": run.stopped,
        "outcomes": run.recorder.outcomes,
        "tampered": is_tampered,
    }
    return _encode({"nonce": job["nonce"], **report})


def _own_modules() -> list[dict[str, Any]]:
    parts = (run_tests, describe_error, OutcomeRecorder.addSuccess, SourceImporter.files)
    return [part.__globals__ for part in parts if isinstance(part, types.FunctionType)]


# The attribute is set on first access; without this, a test file that uses it would appear to
# tamper with the framework.
unittest.IsolatedAsyncioTestCase  # noqa: B018
unittest.main = _ignore_main  # type: ignore[assignment]
sys.setrecursionlimit = _limit_recursion
_SNAPSHOT.take(_own_modules())
