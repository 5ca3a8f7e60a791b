"""Finds the tests that unittest would collect from a source file, without executing it.

Also loaded as text into the sandbox image, so it imports only the standard library.
"""

import ast
from collections.abc import Iterator
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef
TEST_CASES = {"TestCase", "IsolatedAsyncioTestCase"}


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a block and its branches, without entering functions or classes."""
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


def _test_case_aliases(tree: ast.Module) -> set[str]:
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    names = (name for node in imports if node.module == "unittest" for name in node.names)
    return {name.asname for name in names if name.name in TEST_CASES and name.asname}


def _defined_names(statement: ast.stmt) -> list[str]:
    if isinstance(statement, Function):
        return [statement.name]
    if isinstance(statement, ast.Assign) and isinstance(statement.value, (ast.Lambda, ast.Name)):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return []


def _may_be_skipped(node: ast.ClassDef | Function) -> bool:
    decorators = (d.func if isinstance(d, ast.Call) else d for d in node.decorator_list)
    return any(_base_name(decorator).startswith("skip") for decorator in decorators)


class _TestClasses:
    """The test classes of a module, including the tests that they inherit from each other."""

    def __init__(self, tree: ast.Module) -> None:
        self.bases = TEST_CASES | _test_case_aliases(tree)
        self.classes: dict[str, ast.ClassDef] = {}
        self.duplicates: list[str] = []
        self._collect(tree.body, "")

    def _collect(self, body: list[ast.stmt], prefix: str) -> None:
        direct = [s.name for s in body if isinstance(s, ast.ClassDef)]
        for statement in _statements(body):
            if isinstance(statement, ast.ClassDef):
                name = prefix + statement.name
                if name in self.classes and direct.count(statement.name) > 1:
                    self.duplicates.append(name)
                self.classes[name] = statement
                self._collect(statement.body, f"{name}.")

    def is_test_case(self, name: str, seen: frozenset[str] = frozenset()) -> bool:
        bases = {_base_name(base) for base in self.classes[name].bases}
        inherited = bases & (self.classes.keys() - seen - {name})
        return bool(bases & self.bases) or any(
            self.is_test_case(base, seen | {name}) for base in inherited
        )

    def methods(self, name: str, seen: frozenset[str] = frozenset()) -> set[str]:
        names = {n for s in _statements(self.classes[name].body) for n in _defined_names(s)}
        for base in map(_base_name, self.classes[name].bases):
            if base in self.classes and base not in seen | {name}:
                names |= self.methods(base, seen | {name})
        return names

    def tests(self, name: str) -> list[str]:
        methods = self.methods(name)
        tests = sorted(method for method in methods if method.startswith("test"))
        return tests or (["runTest"] if "runTest" in methods else [])

    def skipped(self, name: str) -> list[str]:
        """Return the tests of a class that carry a skip decorator."""
        owner = self.classes[name]
        functions = [s for s in owner.body if isinstance(s, Function)]
        skippable = {s.name for s in functions if _may_be_skipped(s)}
        return self.tests(name) if _may_be_skipped(owner) else sorted(skippable)

    def overwritten(self, name: str) -> list[str]:
        functions = [s.name for s in self.classes[name].body if isinstance(s, Function)]
        tests = {n for n in functions if n.startswith("test") and functions.count(n) > 1}
        return [f"{name}.{test}" for test in sorted(tests)]


def read_tests(source: str, module: str) -> dict[str, Any]:
    """Return a source's tests, those hidden by a later one of the same name, and skippable ones."""
    classes = _TestClasses(ast.parse(source))
    names = [name for name in classes.classes if classes.is_test_case(name)]
    hidden = [*classes.duplicates, *(test for name in names for test in classes.overwritten(name))]
    return {
        "tests": [f"{module}.{name}.{test}" for name in names for test in classes.tests(name)],
        "hidden": [f"{module}.{name}" for name in hidden],
        "skipped": [f"{module}.{name}.{t}" for name in names for t in classes.skipped(name)],
    }
