"""Records the calls that tests make to a module while assertions are disabled.

Loaded as text into the sandbox image.
"""

import functools
import io
import itertools
import random
import re
import sys
import types
import unittest
from collections.abc import Callable
from typing import Any, NamedTuple

MAX_CALLS = 400
MAX_VALUE_CHARS = 300
MAX_GENERATED_ITEMS = 50


class Call(NamedTuple):
    """A call and its result or error, all as text, with the type of any error."""

    text: str
    result: str
    error: str


def _format_value(value: Any) -> str:
    try:
        return re.sub(r" at 0x[0-9a-f]+", "", repr(value))[:MAX_VALUE_CHARS]
    except Exception as error:  # noqa: BLE001  a draft's own __repr__ may raise anything
        return f"<{type(value).__name__}: {type(error).__name__}>"


def _format_arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    named = (f"{name}={_format_value(value)}" for name, value in kwargs.items())
    return ", ".join([*map(_format_value, args), *named])


class _CallRecorder:
    """Records the outermost calls to a module and their results."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.depth = 0

    def wrap(self, function: Callable[..., Any], name: str, is_method: bool) -> Callable[..., Any]:
        @functools.wraps(function)
        def recorded(*args: Any, **kwargs: Any) -> Any:
            if self.depth or len(self.calls) >= MAX_CALLS:
                return function(*args, **kwargs)
            arguments = args[is_method:], kwargs
            call = f"{name}({_format_arguments(*arguments)})"
            self.depth += 1
            try:
                result = function(*args, **kwargs)
                if isinstance(result, types.GeneratorType):
                    items = list(itertools.islice(result, MAX_GENERATED_ITEMS))
                    result = iter(items)
                    self.calls.append(Call(call, _format_value(items), ""))
                else:
                    # For a call that returns nothing, compare the changed arguments.
                    changed = f", arguments left: {_format_arguments(*arguments)}"
                    after = "" if result is not None else changed
                    self.calls.append(Call(call, f"{_format_value(result)}{after}", ""))
            except Exception as error:
                kind = type(error).__name__
                self.calls.append(Call(call, f"{kind}: {error}"[:MAX_VALUE_CHARS], kind))
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


def record_calls(
    job: dict[str, Any], code: types.CodeType, tests: types.CodeType, seed: int
) -> list[Call]:
    """Run tests on a version of the code and return the calls that they make to it."""
    recorder = _CallRecorder()
    random.seed(seed)
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(""), io.StringIO(), io.StringIO()
    try:
        recorder.instrument(_load_module(job["module"], code))
        suite = unittest.TestLoader().loadTestsFromModule(_load_module(job["tests_module"], tests))
        suite.run(unittest.TestResult())
    except BaseException as error:  # noqa: BLE001  code under test may raise anything
        recorder.calls.append(Call("import", type(error).__name__, ""))
    return recorder.calls
