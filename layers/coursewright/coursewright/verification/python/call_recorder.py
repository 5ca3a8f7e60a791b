"""Records the calls that tests make to a module while assertions are disabled.

Loaded as text into the sandbox image.
"""

import builtins
import functools
import io
import itertools
import pathlib
import random
import re
import shutil
import sys
import types
import unittest
from collections.abc import Callable
from typing import Any

from coursewright.verification.python.call_observation import (
    Call,
    Observation,
    ObservationWithFiles,
    format_value,
    read_input,
)

MAX_CALLS = 400
MAX_GENERATED_ITEMS = 50
# Words that occur in solutions that may write files.
WRITES_FILES = re.compile(r"\b(open|write\w*|mkdir|makedirs|touch|rename|replace|unlink|remove)\b")


class _CallRecorder:
    """Records the outermost calls to a module and their observable behaviour."""

    def __init__(self, observation: type[Observation]) -> None:
        self.calls: list[Call] = []
        self.depth = 0
        self.observation = observation

    def wrap(self, function: Callable[..., Any], name: str, is_method: bool) -> Callable[..., Any]:
        @functools.wraps(function)
        def recorded(*args: Any, **kwargs: Any) -> Any:
            if self.depth or len(self.calls) >= MAX_CALLS:
                return function(*args, **kwargs)
            owner = args[:is_method]
            self.depth += 1
            try:
                with self.observation(name, args[is_method:], kwargs) as observed:
                    result = shown = function(*args, **kwargs)
                    if isinstance(result, types.GeneratorType):
                        shown = list(itertools.islice(result, MAX_GENERATED_ITEMS))
                        result = iter(shown)
                self.calls.append(observed.call(owner, format_value(shown)))
            except Exception as error:
                kind = type(error).__name__
                self.calls.append(observed.call(owner, f"{kind}: {error}", kind))
                if is_method:
                    raise
                return None
            else:
                return result
            finally:
                self.depth -= 1

        return recorded

    def instrument(self, module: types.ModuleType) -> None:
        for name, value in list(vars(module).items()):
            if getattr(value, "__module__", None) != module.__name__:
                continue
            if isinstance(value, types.FunctionType):
                setattr(module, name, self.wrap(value, name, is_method=False))
            elif isinstance(value, type) and not issubclass(value, BaseException):
                self._instrument_class(value)

    def _instrument_class(self, owner: type) -> None:
        for name, value in list(vars(owner).items()):
            title = f"{owner.__name__}.{name}"
            if isinstance(value, types.FunctionType) and name not in {"__repr__", "__hash__"}:
                setattr(owner, name, self.wrap(value, title, is_method=True))
            elif isinstance(value, property) and value.fget:
                getter = self.wrap(value.fget, title, is_method=True)
                setattr(owner, name, property(getter, value.fset, value.fdel))
            elif isinstance(value, (staticmethod, classmethod)):
                inner = self.wrap(value.__func__, title, isinstance(value, classmethod))
                setattr(owner, name, type(value)(inner))


class _SwallowErrors:
    """Stands in for ``assertRaises``: accepts any exception and stores it."""

    def __init__(self) -> None:
        self.exception: BaseException = Exception("")

    def __enter__(self) -> "_SwallowErrors":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        self.exception = error or self.exception
        return isinstance(error, Exception) or error is None


def _ignore_assertion(self: object, *args: Any, **kwargs: Any) -> Any:
    if len(args) > 1 and isinstance(args[0], type) and callable(args[1]):
        with _SwallowErrors():
            args[1](*args[2:], **kwargs)
    return _SwallowErrors()


def disable_assertions() -> None:
    """Replace unittest's assertion methods, so that no assertion stops a test."""
    for name in [name for name in dir(unittest.TestCase) if name.startswith(("assert", "fail"))]:
        if name != "failureException":
            setattr(unittest.TestCase, name, _ignore_assertion)


def _load_module(name: str, code: types.CodeType) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__file__ = f"{name}.py"
    sys.modules[name] = module
    exec(code, module.__dict__)  # noqa: S102
    return module


def _clear_folder(*, keep: str) -> None:
    for path in pathlib.Path().iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != keep:
            path.unlink()


def record_calls(
    job: dict[str, Any], code: types.CodeType, tests: types.CodeType, seed: int
) -> list[Call]:
    """Run tests on a version of the code and return the calls that they make to it."""
    writes_files = WRITES_FILES.search(job["solution"]) is not None
    recorder = _CallRecorder(ObservationWithFiles if writes_files else Observation)
    random.seed(seed)
    builtins.input = read_input
    if writes_files:
        _clear_folder(keep=f"{job['module']}.py")
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(""), io.StringIO(), io.StringIO()
    try:
        recorder.instrument(_load_module(job["module"], code))
        suite = unittest.TestLoader().loadTestsFromModule(_load_module(job["tests_module"], tests))
        suite.run(unittest.TestResult())
    except BaseException as error:  # noqa: BLE001  code under test may raise anything
        recorder.calls.append(Call("import", type(error).__name__))
    return recorder.calls
