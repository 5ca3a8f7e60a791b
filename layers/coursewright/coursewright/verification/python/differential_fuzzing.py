"""Looks for an input on which a variant differs from the solution.

Sameness cannot be decided, but difference can often be shown: the tests are run with other values
in them, on both, and what comes of each call is compared.

This file is read as text into the prepared image, next to the guest.
"""

import ast
import copy
import functools
import hashlib
import io
import itertools
import json
import os
import pathlib
import random
import re
import sys
import tempfile
import time
import types
import unittest
from collections.abc import Callable, Iterator
from typing import Any

WORKDIR = "/data"
CALLS_LIMIT = 400
TEXT_LIMIT = 300
SHOWN_LIMIT = 90
ITEMS_LIMIT = 50
CHANGED_SHARE = 0.4
MIN_FLAGS = 8
# A call, what came of it, and the error if it was one.
Call = tuple[str, str, str]


class _OtherValues(ast.NodeTransformer):
    """Changes values a little, or to those that the solution itself speaks of."""

    def __init__(self, chance: random.Random, known: list[int], *, are_flags: bool) -> None:
        self.chance, self.known, self.are_flags = chance, known, are_flags

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return node if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return ast.Expr(self.visit(node.test))

    def visit_List(self, node: ast.List) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
            if self.chance.random() < CHANGED_SHARE / 2:
                node.elts.pop(self.chance.randrange(len(node.elts)))
            elif self.chance.random() < CHANGED_SHARE / 2:
                node.elts.append(copy.deepcopy(self.chance.choice(node.elts)))
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if self.chance.random() > CHANGED_SHARE:
            return node
        return ast.copy_location(ast.Constant(self._other(node.value)), node)

    def _other(self, value: Any) -> Any:
        if isinstance(value, bool) or value is None or value is Ellipsis:
            return value
        if isinstance(value, (int, float)):
            return self._other_number(value)
        return self._other_text(value) if isinstance(value, str) and value else value

    def _other_number(self, value: float) -> float:
        if self.are_flags:
            return self.chance.choice((0, 1))
        most = max(10 * abs(value), 120)
        near = [value + 1, value - 1, value + 2, value * 2, value // 2]
        chosen = self.chance.choice(near + [k for k in self.known if abs(k) <= most])
        is_likely = chosen >= 0 if value >= 0 else True
        return type(value)(chosen) if is_likely and (chosen or not value) else value

    def _other_text(self, value: str) -> str:
        at = self.chance.randrange(len(value))
        letters = [c for c in value if c.isalnum()] or ["a"]
        candidates = [
            value[:at] + value[at + 1 :] or value,
            value[:at] + value[at] + value[at:],
            value[:at] + self.chance.choice(letters) + value[at + 1 :],
            value[::-1],
        ]
        return self.chance.choice(candidates)


def _whole_numbers(source: str) -> list[int]:
    nodes = ast.walk(ast.parse(source))
    return [n.value for n in nodes if isinstance(n, ast.Constant) and type(n.value) is int]


def _are_flags(tests: str) -> bool:
    """Return whether the tests only use zeros and ones, like a truth table."""
    numbers = _whole_numbers(tests)
    return set(numbers) == {0, 1} and len(numbers) >= MIN_FLAGS


def _known_values(solution: str, tests: str) -> list[int]:
    """Take the solution's own numbers, but none below those of the tests.

    Below, a task often allows no values at all: `n > 1`, or a list that is not empty.
    """
    least = min(_whole_numbers(tests), default=0)
    return [n + d for n in _whole_numbers(solution) for d in (0, 0, 1, -1) if n + d >= least]


def _text(value: Any) -> str:
    try:
        return re.sub(r" at 0x[0-9a-f]+", "", repr(value))[:TEXT_LIMIT]
    except Exception as error:  # noqa: BLE001  a lesson's own __repr__ may raise anything
        return f"<{type(value).__name__}: {type(error).__name__}>"


def _listed(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    return ", ".join([*map(_text, args), *(f"{k}={_text(v)}" for k, v in kwargs.items())])


class _Watch:
    """Writes down the calls that tests make into a module, and what came of them."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.depth = 0

    def around(
        self, function: Callable[..., Any], name: str, is_method: bool
    ) -> Callable[..., Any]:
        @functools.wraps(function)
        def watched(*args: Any, **kwargs: Any) -> Any:
            if self.depth or len(self.calls) >= CALLS_LIMIT:
                return function(*args, **kwargs)
            given = args[is_method:], kwargs
            call = f"{name}({_listed(*given)})"
            self.depth += 1
            try:
                result = function(*args, **kwargs)
                if isinstance(result, types.GeneratorType):
                    items = list(itertools.islice(result, ITEMS_LIMIT))
                    result = iter(items)
                    self.calls.append((call, _text(items), ""))
                else:
                    # A call that only changes its arguments is judged by them.
                    after = "" if result is not None else f", arguments left: {_listed(*given)}"
                    self.calls.append((call, f"{_text(result)}{after}", ""))
            except Exception as error:
                kind = type(error).__name__
                self.calls.append((call, f"{kind}: {error}"[:TEXT_LIMIT], kind))
                if is_method:
                    raise
                return None
            else:
                return result
            finally:
                self.depth -= 1

        return watched

    def over(self, module: types.ModuleType) -> None:
        for name, value in list(vars(module).items()):
            if getattr(value, "__module__", None) != module.__name__:
                continue
            if isinstance(value, types.FunctionType):
                setattr(module, name, self.around(value, name, is_method=False))
            elif isinstance(value, type) and not issubclass(value, BaseException):
                self._over_class(value)

    def _over_class(self, owner: type) -> None:
        for name, value in list(vars(owner).items()):
            title = f"{owner.__name__}.{name}"
            if isinstance(value, types.FunctionType) and name not in {"__repr__", "__hash__"}:
                setattr(owner, name, self.around(value, title, is_method=True))
            elif isinstance(value, property) and value.fget:
                getter = self.around(value.fget, title, is_method=True)
                setattr(owner, name, property(getter, value.fset, value.fdel))
            elif isinstance(value, (staticmethod, classmethod)):
                inner = self.around(value.__func__, title, isinstance(value, classmethod))
                setattr(owner, name, type(value)(inner))


class _Swallow:
    """Stands in for ``assertRaises``: takes whatever comes and keeps it."""

    def __init__(self) -> None:
        self.exception: BaseException = Exception("")

    def __enter__(self) -> "_Swallow":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        self.exception = error or self.exception
        return isinstance(error, Exception) or error is None


def _assert_nothing(self: object, *args: Any, **kwargs: Any) -> Any:
    if len(args) > 1 and isinstance(args[0], type) and callable(args[1]):
        with _Swallow():
            args[1](*args[2:], **kwargs)
    return _Swallow()


def _loaded(name: str, code: types.CodeType) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__file__ = f"{name}.py"
    sys.modules[name] = module
    exec(code, module.__dict__)  # noqa: S102
    return module


def calls_made(
    job: dict[str, Any], code: types.CodeType, tests: types.CodeType, seed: int
) -> list[Call]:
    """Run tests on a solution and list the calls that they make into it."""
    watch = _Watch()
    random.seed(seed)
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(""), io.StringIO(), io.StringIO()
    try:
        watch.over(_loaded(job["module"], code))
        suite = unittest.TestLoader().loadTestsFromModule(_loaded(job["tests_module"], tests))
        suite.run(unittest.TestResult())
    except BaseException as error:  # noqa: BLE001  code under test may raise anything
        watch.calls.append(("import", type(error).__name__, ""))
    return watch.calls


def _difference(right: list[Call], other: list[Call], errors: set[str]) -> tuple[str, str]:
    """Find the first call that differs, where the task allows it: no error of an unknown kind."""
    for (call, result, error), (other_call, other_result, _) in zip(right, other, strict=False):
        if call != other_call:
            break
        if result != other_result and (not error or error in errors):
            return call, f"{_short(call)} gives {_short(other_result)}, not {_short(result)}"
    return "", ""


def known_errors(job: dict[str, Any], own: list[Call]) -> set[str]:
    """Name the errors that belong to the task: those raised on purpose, or in the tests as is."""
    raised = (n.exc for n in ast.walk(ast.parse(job["solution"])) if isinstance(n, ast.Raise))
    names = (one.func if isinstance(one, ast.Call) else one for one in raised)
    on_purpose = {name.id for name in names if isinstance(name, ast.Name)}
    return on_purpose | {error for _, _, error in own}


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_LIMIT else f"{text[:SHOWN_LIMIT]}…"


def with_other_values(job: dict[str, Any]) -> Iterator[tuple[int, types.CodeType]]:
    """Write the tests again and again, with other values in them."""
    known, are_flags = _known_values(job["solution"], job["tests"]), _are_flags(job["tests"])
    for seed in range(job["rounds"]):
        tree = ast.parse(job["tests"])
        chance = random.Random(seed)  # noqa: S311  the same each time
        tree = _OtherValues(chance, known, are_flags=are_flags).visit(tree)
        yield seed, compile(ast.fix_missing_locations(tree), "tests.py", "exec")


def prepare(job: dict[str, Any]) -> None:
    """Prepare the working directory, and assertions that never stop a test."""
    os.chdir(WORKDIR)
    tempfile.tempdir = WORKDIR
    pathlib.Path(f"{job['module']}.py").write_text(job["solution"], "utf-8", errors="replace")
    for name in [name for name in dir(unittest.TestCase) if name.startswith(("assert", "fail"))]:
        if name != "failureException":
            setattr(unittest.TestCase, name, _assert_nothing)


def probe(job: dict[str, Any]) -> str:
    """Answer how a variant shows its difference; without one, how many rounds are bearable."""
    prepare(job)
    started = time.monotonic()
    solution = compile(job["solution"], "solution.py", "exec")
    variant = compile(job["variant"], "solution.py", "exec") if job["variant"] else None
    own = calls_made(job, solution, compile(job["tests"], "tests.py", "exec"), 0)
    errors = known_errors(job, own)
    call, witness, rounds = "", "", 0
    for seed, tests in with_other_values(job):
        right = calls_made(job, solution, tests, seed)
        rounds += 1
        if variant:
            call, witness = _difference(right, calls_made(job, variant, tests, seed), errors)
        if witness or time.monotonic() - started > job["seconds"]:
            break
    return json.dumps({"nonce": job["nonce"], "call": call, "witness": witness, "rounds": rounds})


def behave(job: dict[str, Any]) -> str:
    """Answer with a digest of what a variant does: with the tests as they stand, and otherwise."""
    prepare(job)
    variant = compile(job["variant"], "solution.py", "exec")
    as_they_stand = compile(job["tests"], "tests.py", "exec")
    digest = hashlib.sha256()
    for seed, tests in itertools.chain([(0, as_they_stand)], with_other_values(job)):
        digest.update(repr(calls_made(job, variant, tests, seed)).encode("utf-8", "replace"))
    return json.dumps({"nonce": job["nonce"], "digest": digest.hexdigest()})
