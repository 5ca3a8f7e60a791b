"""Reorders sets of strings, as a different hash seed would.

The image has one fixed hash seed, so a solution that depends on the order of a set would look
repeatable here but fail on a student's machine. A second image with another seed would take 50 MB,
for which the function's package has no room. A set does not shrink its table when members are
discarded one by one: if extra members are added and discarded again, it keeps its own members in a
larger table, and therefore in a different order. (`-=` would shrink the table again.)

Loaded as text into the sandbox image.
"""

import ast
import json
from typing import Any

OPERATORS = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.Sub)
METHODS = {"union", "intersection", "difference", "symmetric_difference"}
NAME = "_reorder_set"
PRELUDE = f"""
def {NAME}(value, _filler=frozenset(range(10**9, 10**9 + 200)), _set=set, _type=type):
    if _type(value) is _set and any(_type(member) is str for member in value):
        value |= _filler
        for member in _filler:
            value.discard(member)
    return value
"""


class _SetWrapper(ast.NodeTransformer):
    """Wraps every expression that creates a set."""

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.pattern):
            return node
        visited: ast.AST = self.generic_visit(node)
        if not isinstance(visited, ast.expr) or not _creates_a_set(visited):
            return visited
        return ast.Call(ast.Name(NAME, ast.Load()), [visited], [])


def _creates_a_set(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        is_set = isinstance(node.func, ast.Name) and node.func.id == "set"
        return is_set or (isinstance(node.func, ast.Attribute) and node.func.attr in METHODS)
    is_operation = isinstance(node, ast.BinOp) and isinstance(node.op, OPERATORS)
    return is_operation or isinstance(node, (ast.Set, ast.SetComp))


def _prelude_index(tree: ast.Module) -> int:
    """Return the index after the docstring and the `__future__` imports, which must stay first."""
    for index, statement in enumerate(tree.body):
        is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
        if not is_docstring and not is_future:
            return index
    return len(tree.body)


def reorder_source(source: str) -> str:
    """Return the source rewritten so that its sets of strings iterate in a different order."""
    tree = ast.parse(source)
    at = _prelude_index(tree)
    _SetWrapper().visit(tree)
    tree.body[at:at] = ast.parse(PRELUDE).body
    return ast.unparse(ast.fix_missing_locations(tree))


def reorder(job: dict[str, Any]) -> str:
    """Reorder the sets in the sources and return the sources as JSON, without running them."""
    sources = [reorder_source(source) for source in job["sources"]]
    return json.dumps({"nonce": job["nonce"], "sources": sources})
