"""Counts how many cases a test file checks, without running it.

An assertion in a loop over a written-out list counts once per element. Loaded as text into the
sandbox image.
"""

import ast
from collections.abc import Iterator

from coursewright.verification.python.assertions import TestFile, is_assertion

# A loop or comprehension over values that the source does not list.
UNKNOWN_LENGTH = 3
VIEWS = {"items", "keys", "values"}
LOOPS = (ast.For, ast.While)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def count_cases(tree: ast.Module) -> int:
    """Return the number of cases that the file's tests check."""
    return _Counter(tree).count()


class _Counter:
    """Counts the cases in the tests and in the helper functions that they call."""

    def __init__(self, tree: ast.Module) -> None:
        self._file = TestFile(tree)
        self._lists = _named_lists(tree)
        self._helpers = {name.rpartition(".")[2]: name for name in self._file.functions}
        self._open: set[str] = set()

    def count(self) -> int:
        """Return the number of cases in all tests."""
        return sum(map(self._in_function, self._file.tests()))

    def _in_function(self, name: str) -> int:
        if name in self._open:  # a helper that calls itself
            return 0
        self._open.add(name)
        cases = self._in_block(self._file.functions[name].body)
        self._open.remove(name)
        return cases

    def _in_block(self, block: list[ast.stmt]) -> int:
        return sum(map(self._in_statement, block))

    def _in_statement(self, statement: ast.stmt) -> int:
        if is_assertion(statement):
            return UNKNOWN_LENGTH if _has_comprehension(statement) else 1
        if isinstance(statement, ast.ClassDef):
            return 0
        blocks = list(_blocks(statement))
        inside = sum(map(self._in_block, blocks))
        if not any(blocks):
            inside = sum(map(self._in_function, self._called_helpers(statement)))
        return inside * _repetitions(statement, self._lists)

    def _called_helpers(self, statement: ast.stmt) -> Iterator[str]:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and (helper := self._helpers.get(_name(node.func))):
                yield helper


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for field in ("body", "orelse", "finalbody"):
        yield getattr(statement, field, [])
    for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
        yield part.body


def _has_comprehension(statement: ast.stmt) -> bool:
    return any(isinstance(node, COMPREHENSIONS) for node in ast.walk(statement))


def _repetitions(statement: ast.stmt, lists: dict[str, int]) -> int:
    if not isinstance(statement, LOOPS):
        return 1
    length = _length(statement.iter, lists) if isinstance(statement, ast.For) else None
    return UNKNOWN_LENGTH if length is None else length


def _length(node: ast.expr, lists: dict[str, int]) -> int | None:
    if isinstance(node, ast.Call):
        return _call_length(node, lists)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return len(node.elts)
    if isinstance(node, ast.Dict):
        return len(node.keys)
    return lists.get(_name(node))


def _call_length(call: ast.Call, lists: dict[str, int]) -> int | None:
    """Return the length of `range(…)`, `cases.items()`, or of a call such as `zip(inputs, …)`."""
    if isinstance(call.func, ast.Attribute) and call.func.attr in VIEWS:
        return _length(call.func.value, lists)
    if isinstance(call.func, ast.Name) and call.func.id == "range":
        return _range_length(call)
    lengths = [_length(argument, lists) for argument in call.args]
    return min((length for length in lengths if length is not None), default=None)


def _range_length(call: ast.Call) -> int | None:
    bounds = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    if len(bounds) != len(call.args) or not all(type(bound) is int for bound in bounds):
        return None
    return len(range(*bounds[:3])) if bounds and bounds[2:] != [0] else None  # type: ignore[arg-type]


def _name(node: ast.expr) -> str:
    """Return the last part of a name such as `self.cases`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _named_lists(tree: ast.Module) -> dict[str, int]:
    """Return the lengths of written-out lists that are assigned to a name."""
    lengths: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            length = _length(node.value, {})
            if length is not None and not isinstance(node.value, ast.Call):
                lengths |= {_name(target): length for target in node.targets}
    return lengths
