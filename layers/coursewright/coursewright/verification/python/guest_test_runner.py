"""Runs tests inside the sandboxed interpreter and reports outcomes, not verdicts.

Loaded as text into the sandbox image. Of the project, it imports only other guest modules, and it
never runs in the project's own processes.
"""

import builtins
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import json
import linecache
import os
import pathlib
import random
import sys
import tempfile
import types
import unittest
import unittest.async_case
import unittest.mock
import warnings
from typing import Any

from coursewright.verification.python.error_description import (
    clean_text,
    compared_values,
    describe_error,
    find_bare_assert,
)

# The only folder that a program may write to; it exists only in memory.
WORKDIR = "/data"
MAX_EXPLAINED_ASSERTS = 5
MAX_OUTPUT_CHARS = 65_536
MAX_OUTCOMES = 500
MAX_RECURSION_DEPTH = 10_000

_encode = json.dumps
_set_recursion_limit = sys.setrecursionlimit
_REPLACEABLE = {"input", "print", "open", "_", "__warningregistry__"}


def _ignore_main(*_: object, **__: object) -> None:
    """Stand in for ``unittest.main``: a test file may call it, but this module runs the tests."""


def _limit_recursion(depth: int) -> None:
    _set_recursion_limit(min(depth, MAX_RECURSION_DEPTH))


def _framework_state() -> list[dict[str, Any]]:
    owners: list[Any] = [
        builtins,
        unittest,
        unittest.case,
        unittest.loader,
        unittest.result,
        unittest.suite,
        unittest.TestCase,
        unittest.TestLoader,
        unittest.TestResult,
        unittest.TestSuite,
        unittest.suite.BaseTestSuite,
    ]
    return [
        {name: value for name, value in vars(owner).items() if name not in _REPLACEABLE}
        for owner in owners
    ]


def _is_tampered(before: list[dict[str, Any]]) -> bool:
    after = _framework_state()
    return any(
        old.keys() != new.keys() or any(new[name] is not value for name, value in old.items())
        for old, new in zip(before, after, strict=True)
    )


class _LimitedOutput(io.StringIO):
    """Captures printed text up to a size limit."""

    def write(self, text: str) -> int:
        if self.tell() < MAX_OUTPUT_CHARS:
            super().write(text[:MAX_OUTPUT_CHARS])
        return len(text)


class _SourceImporter(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the code under test from its source text, under its own module name."""

    def __init__(self, modules: dict[str, str]) -> None:
        self.modules = modules
        self.errors: dict[str, BaseException] = {}

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self.modules:
            return None
        return importlib.util.spec_from_loader(name, self, origin=f"{name}.py")

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        name, source = module.__name__, self.modules[module.__name__]
        module.__file__ = f"{name}.py"
        lines = source.splitlines(keepends=True)
        linecache.cache[module.__file__] = (len(source), None, lines, module.__file__)
        try:
            exec(compile(source, module.__file__, "exec"), module.__dict__)  # noqa: S102
        except BaseException as error:
            self.errors[name] = error
            raise

    def files(self) -> set[str]:
        return {f"{name}.py" for name in self.modules}


class _Recorder(unittest.TestResult):
    """Records the outcome of each test."""

    def __init__(self, files: set[str]) -> None:
        super().__init__()
        self.files = files
        self.outcomes: list[dict[str, str]] = []
        self._bare: list[tuple[dict[str, str], types.FrameType, int]] = []

    def explain_bare_asserts(self) -> None:
        """Add the compared values to the messages of failed plain asserts."""
        for outcome, frame, number in self._bare[:MAX_EXPLAINED_ASSERTS]:
            outcome["message"] = clean_text(outcome["message"] + compared_values(frame, number))

    def _record(self, test: Any, outcome: str, **details: str) -> None:
        if len(self.outcomes) < MAX_OUTCOMES:
            empty = {"error": "", "file_name": "", "message": ""}
            self.outcomes.append({"test": test.id(), "outcome": outcome, **empty, **details})

    def addSuccess(self, test: Any) -> None:  # noqa: N802
        self._record(test, "passed")

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._record(test, "failed", **describe_error(err[1], self.files))
        if location := find_bare_assert(err[1], self.files):
            self._bare.append((self.outcomes[-1], *location))

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        self._record(test, "failed", **describe_error(err[1], self.files))

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
        self._record(test, "skipped", message=clean_text(str(reason)))

    def addExpectedFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._record(test, "failed", message="The test is marked as an expected failure.")

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        self._record(test, "failed", message="The test is marked as an expected failure.")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        if err is not None:
            details = describe_error(err[1], self.files)
            case = f"{subtest._subDescription()}\n{details['message']}"
            self._record(test, "failed", **{**details, "message": clean_text(case)})


def _run_suite(tests_module: types.ModuleType, recorder: _Recorder) -> None:
    suite = unittest.TestLoader().loadTestsFromModule(tests_module)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # An async test in a plain TestCase is never awaited, so it would pass without checking.
        warnings.filterwarnings("error", message=".*return a value")
        suite.run(recorder)


def _prepare(sources: _SourceImporter, seed: int) -> None:
    """Prepare the working directory, random seed and standard streams."""
    os.chdir(WORKDIR)
    tempfile.tempdir = WORKDIR
    for name, source in sources.modules.items():
        pathlib.Path(f"{name}.py").write_text(source, "utf-8", errors="replace")
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, sources)
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(""), _LimitedOutput(), _LimitedOutput()
    random.seed(seed)


def _report(job: dict[str, Any]) -> dict[str, Any]:
    """Load and run the tests, and return the outcome of each."""
    before = _framework_state()
    sources = _SourceImporter(job["modules"])
    recorder = _Recorder(sources.files())
    report: dict[str, Any] = {"load_error": None, "stopped": None}
    _prepare(sources, job["seed"])
    try:
        tests_module = importlib.import_module(job["tests_module"])
    except BaseException as error:  # noqa: BLE001  code under test may raise anything
        culprit = next(iter(sources.errors), job["tests_module"])
        report["load_error"] = {"module": culprit, **describe_error(error, sources.files())}
    else:
        try:
            _run_suite(tests_module, recorder)
            recorder.explain_bare_asserts()
        except BaseException as error:  # noqa: BLE001  code under test may raise anything
            report["stopped"] = describe_error(error, sources.files())
    return {**report, "outcomes": recorder.outcomes, "tampered": _is_tampered(before)}


def run_tests(job: dict[str, Any]) -> str:
    """Run a job's tests, and return the report with the job's nonce as JSON."""
    return _encode({"nonce": job["nonce"], **_report(job)})


# The attribute is set on first access; without this, a test file that uses it would appear to
# tamper with the framework.
unittest.IsolatedAsyncioTestCase  # noqa: B018
unittest.main = _ignore_main  # type: ignore[assignment]
sys.setrecursionlimit = _limit_recursion
