"""Finds a test file's assertions and the tests that reach them, without running the file.

Loaded as text into the sandbox image.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

RAISES = {"assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex"}
OPPOSITES = {
    "assertEqual": "assertNotEqual",
    "assertTrue": "assertFalse",
    "assertIs": "assertIsNot",
    "assertIsNone": "assertIsNotNone",
    "assertIn": "assertNotIn",
    "assertAlmostEqual": "assertNotAlmostEqual",
    "assertGreater": "assertLessEqual",
    "assertLess": "assertGreaterEqual",
    "assertIsInstance": "assertNotIsInstance",
    "assertRegex": "assertNotRegex",
}
OPPOSITES |= {opposite: name for name, opposite in OPPOSITES.items()}
TYPED_EQUALITIES = {
    "assertListEqual",
    "assertDictEqual",
    "assertSetEqual",
    "assertTupleEqual",
    "assertMultiLineEqual",
    "assertSequenceEqual",
}
OPPOSITES |= dict.fromkeys(TYPED_EQUALITIES, "assertNotEqual")
EQUALITIES = {"assertEqual", *TYPED_EQUALITIES}
BLOCKS = ("body", "orelse", "finalbody")


@dataclass(frozen=True)
class AssertionSite:
    """One assertion: the function that contains it, and its position in a block."""

    function: str
    block: list[ast.stmt]
    index: int

    @property
    def statement(self) -> ast.stmt:
        """The assertion statement."""
        return self.block[self.index]

    @property
    def label(self) -> str:
        """The function and line, as shown to reviewers."""
        return f"{self.function}, line {self.statement.lineno}"


def assertion_call(node: ast.AST) -> ast.Call | None:
    """Return the assertion call of a statement such as `self.assertEqual(…)`, or None."""
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(node, ast.With):
        call = next((i.context_expr for i in node.items if _is_raises(i.context_expr)), None)
    return call if isinstance(call, ast.Call) and called_method(call).startswith("assert") else None


def called_method(node: ast.AST) -> str:
    """Return the name of the method invoked by a call, or an empty string."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr
    return ""


def _is_raises(node: ast.expr) -> bool:
    return called_method(node) in RAISES


def is_assertion(statement: ast.stmt) -> bool:
    """Whether a statement is an assertion, plain or of `unittest`."""
    return isinstance(statement, ast.Assert) or assertion_call(statement) is not None


def _find_in_block(function: str, block: list[ast.stmt]) -> Iterator[AssertionSite]:
    for index, statement in enumerate(block):
        if is_assertion(statement):
            yield AssertionSite(function, block, index)
            continue
        if isinstance(statement, ast.ClassDef):
            continue
        for field in BLOCKS:
            yield from _find_in_block(function, getattr(statement, field, []))
        for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
            yield from _find_in_block(function, part.body)


class TestFile:
    """The functions of a test file, their assertions, and the names used by each function."""

    def __init__(self, tree: ast.Module) -> None:
        self.functions = dict(_functions(tree.body, ""))
        self.classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
        self._names = {name: _names_used(node) for name, node in self.functions.items()}

    def sites(self) -> list[AssertionSite]:
        """Return all assertions in source order."""
        return [
            site
            for name, node in self.functions.items()
            for site in _find_in_block(name, node.body)
        ]

    def tests(self) -> list[str]:
        """Return the names of the functions that are tests."""
        return [name for name in self.functions if is_test(name)]

    def tests_reaching(self, function: str) -> list[str]:
        """Return the tests that may call a function, directly or through helpers."""
        if is_test(function):
            return [function]
        return [test for test in self.tests() if function in self.functions_reached(test)]

    def functions_reached(self, test: str) -> set[str]:
        """Return the functions of the file that a test may call, including itself."""
        reached: set[str] = set()
        pending = [test]
        while pending:
            name = pending.pop()
            reached.add(name)
            callees = (f for f in self.functions if f.rpartition(".")[2] in self._names[name])
            pending += [function for function in callees if function not in reached]
        return reached


def is_test(name: str) -> bool:
    """Whether a qualified name belongs to a test: a method whose name starts with `test`."""
    owner, _, method = name.rpartition(".")
    return bool(owner) and method.startswith("test")


def _functions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef):
            yield prefix + statement.name, statement
        elif isinstance(statement, ast.ClassDef):
            yield from _functions(statement.body, f"{prefix}{statement.name}.")
        elif isinstance(statement, (ast.If, ast.Try)):
            yield from _functions(statement.body, prefix)


def _names_used(node: ast.AST) -> set[str]:
    inside = list(ast.walk(node))
    attributes = {n.attr for n in inside if isinstance(n, ast.Attribute)}
    return attributes | {n.id for n in inside if isinstance(n, ast.Name)}
