"""Reads Python source without running it, inside the sandbox where even parsing is contained.

This file is read as text into the prepared image, next to the guest.
"""

import ast
import copy
import json
from collections.abc import Iterator
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef
TEST_CASES = {"TestCase", "IsolatedAsyncioTestCase"}


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Walk through the branches of a block, but not into functions and classes."""
    for statement in body:
        yield statement
        for block in ("body", "orelse", "finalbody"):
            inner = getattr(statement, block, [])
            if not isinstance(statement, (*Function.__args__, ast.ClassDef)) and inner:
                yield from _statements(inner)
        for handler in getattr(statement, "handlers", []):
            yield from _statements(handler.body)


def _base_name(base: ast.expr) -> str:
    return base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")


def _aliases(tree: ast.Module) -> set[str]:
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    names = (name for node in imports if node.module == "unittest" for name in node.names)
    return {name.asname for name in names if name.name in TEST_CASES and name.asname}


def _defines_test(statement: ast.stmt) -> list[str]:
    if isinstance(statement, Function):
        return [statement.name]
    if isinstance(statement, ast.Assign) and isinstance(statement.value, (ast.Lambda, ast.Name)):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return []


def _may_be_skipped(node: ast.ClassDef | Function) -> bool:
    decorators = (d.func if isinstance(d, ast.Call) else d for d in node.decorator_list)
    return any(_base_name(decorator).startswith("skip") for decorator in decorators)


class _TestClasses:
    """The test classes of a module, with the tests they inherit from each other."""

    def __init__(self, tree: ast.Module) -> None:
        self.bases = TEST_CASES | _aliases(tree)
        self.classes: dict[str, ast.ClassDef] = {}
        self.twice: list[str] = []
        self._collect(tree.body, "")

    def _collect(self, body: list[ast.stmt], prefix: str) -> None:
        direct = [s.name for s in body if isinstance(s, ast.ClassDef)]
        for statement in _statements(body):
            if isinstance(statement, ast.ClassDef):
                name = prefix + statement.name
                if name in self.classes and direct.count(statement.name) > 1:
                    self.twice.append(name)
                self.classes[name] = statement
                self._collect(statement.body, f"{name}.")

    def is_test_case(self, name: str, seen: frozenset[str] = frozenset()) -> bool:
        bases = {_base_name(base) for base in self.classes[name].bases}
        inherited = bases & (self.classes.keys() - seen - {name})
        return bool(bases & self.bases) or any(
            self.is_test_case(base, seen | {name}) for base in inherited
        )

    def methods(self, name: str, seen: frozenset[str] = frozenset()) -> set[str]:
        found = {test for s in _statements(self.classes[name].body) for test in _defines_test(s)}
        for base in map(_base_name, self.classes[name].bases):
            if base in self.classes and base not in seen | {name}:
                found |= self.methods(base, seen | {name})
        return found

    def tests(self, name: str) -> list[str]:
        methods = self.methods(name)
        tests = sorted(method for method in methods if method.startswith("test"))
        return tests or (["runTest"] if "runTest" in methods else [])

    def skipped(self, name: str) -> list[str]:
        """Name the tests that the file itself may skip, in a teacher's sight."""
        owner = self.classes[name]
        functions = [s for s in owner.body if isinstance(s, Function)]
        allowed = {s.name for s in functions if _may_be_skipped(s)}
        return self.tests(name) if _may_be_skipped(owner) else sorted(allowed)

    def overwritten(self, name: str) -> list[str]:
        functions = [s.name for s in self.classes[name].body if isinstance(s, Function)]
        tests = {n for n in functions if n.startswith("test") and functions.count(n) > 1}
        return [f"{name}.{test}" for test in sorted(tests)]


def read_tests(source: str, module: str) -> dict[str, Any]:
    """List the tests that stand in a source, and those that a later one of that name hides."""
    classes = _TestClasses(ast.parse(source))
    names = [name for name in classes.classes if classes.is_test_case(name)]
    hidden = [*classes.twice, *(test for name in names for test in classes.overwritten(name))]
    return {
        "tests": [f"{module}.{name}.{test}" for name in names for test in classes.tests(name)],
        "hidden": [f"{module}.{name}" for name in hidden],
        "skipped": [f"{module}.{name}.{t}" for name in names for t in classes.skipped(name)],
    }


def _nothing() -> ast.Constant:
    return ast.Constant(None)


def _emptied(statement: ast.stmt) -> ast.stmt | None:
    empty = copy.deepcopy(statement)
    if isinstance(empty, Function):
        empty.body = [ast.Return(_nothing())]
    elif isinstance(empty, ast.ClassDef):
        empty.decorator_list, empty.keywords = [], []
        empty.body = _empty_block(empty.body) or [ast.Pass()]
    elif isinstance(empty, (ast.Assign, ast.AnnAssign)) and empty.value is not None:
        empty.value = _nothing()
    elif not isinstance(empty, (ast.Import, ast.ImportFrom)):
        return None
    return empty


def _empty_block(body: list[ast.stmt]) -> list[ast.stmt]:
    return [empty for empty in map(_emptied, body) if empty is not None]


def stub(source: str) -> str:
    """Keep the names of a solution and take the work out of it."""
    tree = ast.parse(source)
    return ast.unparse(ast.fix_missing_locations(ast.Module(_empty_block(tree.body), [])))


def read(job: dict[str, Any]) -> str:
    """Answer a question about source code that has not been run."""
    try:
        if job["question"] == "stub":
            return json.dumps({"nonce": job["nonce"], "stub": stub(job["source"])})
        found = read_tests(job["source"], job["module"])
        return json.dumps({"nonce": job["nonce"], **found})
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return json.dumps({"nonce": job["nonce"], "error": f"{type(error).__name__}: {error}"})
