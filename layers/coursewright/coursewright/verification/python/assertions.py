"""Finds the assertions of a test file and the tests that reach them, by reading alone.

This file is read as text into the prepared image, next to the guest.
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
class Site:
    """One assertion: the block and place it stands in, and the function that holds it."""

    holder: str
    block: list[ast.stmt]
    index: int

    @property
    def statement(self) -> ast.stmt:
        """The assertion as it stands."""
        return self.block[self.index]

    @property
    def label(self) -> str:
        """Name the place for a teacher."""
        return f"{self.holder}, line {self.statement.lineno}"


def assertion_call(node: ast.AST) -> ast.Call | None:
    """Return the call of an assertion method that a statement consists of, if it does."""
    call = node.value if isinstance(node, ast.Expr) else None
    if isinstance(node, ast.With):
        call = next((i.context_expr for i in node.items if _is_raises(i.context_expr)), None)
    return call if isinstance(call, ast.Call) and called(call).startswith("assert") else None


def called(node: ast.AST) -> str:
    """Name the method that a call calls."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr
    return ""


def _is_raises(node: ast.expr) -> bool:
    return called(node) in RAISES


def _is_assertion(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assert) or assertion_call(statement) is not None


def _in_block(holder: str, block: list[ast.stmt]) -> Iterator[Site]:
    for index, statement in enumerate(block):
        if _is_assertion(statement):
            yield Site(holder, block, index)
            continue
        if isinstance(statement, ast.ClassDef):
            continue
        for field in BLOCKS:
            yield from _in_block(holder, getattr(statement, field, []))
        for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
            yield from _in_block(holder, part.body)


class TestFile:
    """The functions of a test file, their assertions, and who calls whom."""

    def __init__(self, tree: ast.Module) -> None:
        self.functions = dict(_functions(tree.body, ""))
        self.classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
        self._mentioned = {name: _mentions(node) for name, node in self.functions.items()}

    def sites(self) -> list[Site]:
        """List all assertions, in the order in which they stand."""
        return [s for name, node in self.functions.items() for s in _in_block(name, node.body)]

    def tests(self) -> list[str]:
        """Name the functions that are tests."""
        return [name for name in self.functions if is_test(name)]

    def reaching(self, holder: str) -> list[str]:
        """Name the tests that may get to a function: it is one of them, or a helper of theirs."""
        if is_test(holder):
            return [holder]
        return [test for test in self.tests() if holder in self.reached(test)]

    def reached(self, test: str) -> set[str]:
        """Name all functions of the file that a test may get to."""
        found: set[str] = set()
        waiting = [test]
        while waiting:
            name = waiting.pop()
            found.add(name)
            known = (f for f in self.functions if f.rpartition(".")[2] in self._mentioned[name])
            waiting += [function for function in known if function not in found]
        return found


def is_test(name: str) -> bool:
    """Return whether a function is a test by its name: a method that begins with `test`."""
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


def _mentions(node: ast.AST) -> set[str]:
    inside = list(ast.walk(node))
    attributes = {n.attr for n in inside if isinstance(n, ast.Attribute)}
    return attributes | {n.id for n in inside if isinstance(n, ast.Name)}
