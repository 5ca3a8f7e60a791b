"""Runs tests inside the sandbox's own interpreter and answers with facts, not verdicts.

This file is read as text into the prepared image. It knows nothing of the project and is never
run beside the project's own code.
"""

import ast
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
import re
import reprlib
import sys
import tempfile
import traceback
import types
import unittest
import unittest.async_case
import unittest.mock
import warnings
from typing import Any

# The only folder that the sandbox lets a program write to; it lives in memory.
WORKDIR = "/data"
MESSAGE_LIMIT = 600
ARGUMENTS_LIMIT = 200
BARE_ASSERTS_SHOWN = 5
NAME = re.compile(r"[A-Za-z_]\w*")
OUTPUT_LIMIT = 65_536
OUTCOMES_LIMIT = 500
RECURSION_LIMIT = 10_000

_encode = json.dumps
_set_recursion_limit = sys.setrecursionlimit
_TESTS_MAY_REPLACE = {"input", "print", "open", "_", "__warningregistry__"}


def _ignore_main(*_: object, **__: object) -> None:
    """Stand in for ``unittest.main``: a test file may call it, but this program runs the tests."""


def _limit_recursion(depth: int) -> None:
    _set_recursion_limit(min(depth, RECURSION_LIMIT))


def _framework() -> list[dict[str, Any]]:
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
        {name: value for name, value in vars(owner).items() if name not in _TESTS_MAY_REPLACE}
        for owner in owners
    ]


def _is_changed(before: list[dict[str, Any]]) -> bool:
    after = _framework()
    return any(
        old.keys() != new.keys() or any(new[name] is not value for name, value in old.items())
        for old, new in zip(before, after, strict=True)
    )


class _Output(io.StringIO):
    """Keeps what a program prints, but only so much of it."""

    def write(self, text: str) -> int:
        if self.tell() < OUTPUT_LIMIT:
            super().write(text[:OUTPUT_LIMIT])
        return len(text)


class _Sources(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Lets the code under test be imported under its own name."""

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


def _explain(error: BaseException, files: set[str]) -> dict[str, str]:
    """Tell an error by its own lines: the frames of the code under test, then the values."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in files]
    where = "".join(f"{f.filename}:{f.lineno} in {f.name}: {f.line}\n"[:120] for f in frames[-2:])
    where += _arguments(error, files)
    what = "".join(traceback.format_exception_only(error)).strip()
    room = MESSAGE_LIMIT - len(where) - 1
    return {
        "error": type(error).__name__,
        "file_name": frames[-1].filename if frames else "",
        "message": _clean(where + (what if len(what) <= room else what[: room - 1] + "…")),
    }


def _arguments(error: BaseException, files: set[str]) -> str:
    """Return the values of the local names in the failing line, one per line."""
    found = [one for one in traceback.walk_tb(error.__traceback__) if _file(one[0]) in files]
    if not found:
        return ""
    frame, line = found[0][0], linecache.getline(_file(found[0][0]), found[0][1])
    names = [name for name in dict.fromkeys(NAME.findall(line)) if name in frame.f_locals]
    values = (f"{name} = {_shown(frame.f_locals[name])}" for name in names if name != "self")
    return "".join(f"with {value}\n" for value in values)[:ARGUMENTS_LIMIT]


def _bare_assert(error: BaseException, files: set[str]) -> tuple[types.FrameType, int] | None:
    """Find the plain `assert` that says nothing of its values."""
    found = [one for one in traceback.walk_tb(error.__traceback__) if _file(one[0]) in files]
    return found[0] if found and type(error) is AssertionError and not str(error) else None


def _both_values(frame: types.FrameType, number: int) -> str:
    """Work out both sides of a plain comparison once more, after all tests are done."""
    try:
        (statement,) = ast.parse(linecache.getline(_file(frame), number).strip()).body
        assert isinstance(statement, ast.Assert)
        assert isinstance(statement.test, ast.Compare)
        sides = (statement.test.left, *statement.test.comparators)
        left, right = (
            eval(compile(ast.Expression(side), "", "eval"), frame.f_globals, frame.f_locals)  # noqa: S307
            for side in sides
        )
        return f"\n{_shown(left)} and {_shown(right)}"
    except BaseException:  # noqa: BLE001  code under test may raise anything
        return ""


def _file(frame: types.FrameType) -> str:
    return frame.f_code.co_filename


def _shown(value: object) -> str:
    try:
        return reprlib.repr(value)
    except BaseException:  # noqa: BLE001  a value of the code under test may do anything
        return f"<{type(value).__name__}>"


def _clean(text: str) -> str:
    """Replace halves of characters, which no answer can carry."""
    return text[:MESSAGE_LIMIT].encode("utf-8", "replace").decode("utf-8")


class _Recorder(unittest.TestResult):
    """Writes down what came of each test."""

    def __init__(self, files: set[str]) -> None:
        super().__init__()
        self.files = files
        self.outcomes: list[dict[str, str]] = []
        self._bare: list[tuple[dict[str, str], types.FrameType, int]] = []

    def add_values(self) -> None:
        """Add to plain asserts that failed what stood on both sides."""
        for outcome, frame, number in self._bare[:BARE_ASSERTS_SHOWN]:
            outcome["message"] = _clean(outcome["message"] + _both_values(frame, number))

    def _record(self, test: Any, outcome: str, **details: str) -> None:
        if len(self.outcomes) < OUTCOMES_LIMIT:
            empty = {"error": "", "file_name": "", "message": ""}
            self.outcomes.append({"test": test.id(), "outcome": outcome, **empty, **details})

    def addSuccess(self, test: Any) -> None:  # noqa: N802
        self._record(test, "passed")

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._record(test, "failed", **_explain(err[1], self.files))
        if place := _bare_assert(err[1], self.files):
            self._bare.append((self.outcomes[-1], *place))

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        self._record(test, "failed", **_explain(err[1], self.files))

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
        self._record(test, "skipped", message=_clean(str(reason)))

    def addExpectedFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._record(test, "failed", message="The test is marked as an expected failure.")

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        self._record(test, "failed", message="The test is marked as an expected failure.")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        if err is not None:
            explained = _explain(err[1], self.files)
            case = f"{subtest._subDescription()}\n{explained['message']}"
            self._record(test, "failed", **{**explained, "message": _clean(case)})


def _run_suite(tests_module: types.ModuleType, recorder: _Recorder) -> None:
    suite = unittest.TestLoader().loadTestsFromModule(tests_module)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # An async test in a plain TestCase is never awaited: it would pass without checking.
        warnings.filterwarnings("error", message=".*return a value")
        suite.run(recorder)


def _prepare(sources: _Sources, seed: int) -> None:
    """Prepare the working directory, random seed and standard streams."""
    os.chdir(WORKDIR)
    tempfile.tempdir = WORKDIR
    for name, source in sources.modules.items():
        pathlib.Path(f"{name}.py").write_text(source, "utf-8", errors="replace")
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, sources)
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(""), _Output(), _Output()
    random.seed(seed)


def run_tests(job: dict[str, Any]) -> dict[str, Any]:
    """Load the tests, run them, and say what came of each."""
    before = _framework()
    sources = _Sources(job["modules"])
    recorder = _Recorder(sources.files())
    answer: dict[str, Any] = {"load_error": None, "stopped": None}
    _prepare(sources, job["seed"])
    try:
        tests_module = importlib.import_module(job["tests_module"])
    except BaseException as error:  # noqa: BLE001  code under test may raise anything
        culprit = next(iter(sources.errors), job["tests_module"])
        answer["load_error"] = {"module": culprit, **_explain(error, sources.files())}
    else:
        try:
            _run_suite(tests_module, recorder)
            recorder.add_values()
        except BaseException as error:  # noqa: BLE001  code under test may raise anything
            answer["stopped"] = _explain(error, sources.files())
    return {**answer, "outcomes": recorder.outcomes, "tampered": _is_changed(before)}


def answer(job: dict[str, Any]) -> str:
    """Do a job that may run untrusted code, and sign the answer with the job's own nonce."""
    return _encode({"nonce": job["nonce"], **run_tests(job)})


# Looked up once, it stays: else the first test file to name it would seem to change the framework.
unittest.IsolatedAsyncioTestCase  # noqa: B018
unittest.main = _ignore_main  # type: ignore[assignment]
sys.setrecursionlimit = _limit_recursion
