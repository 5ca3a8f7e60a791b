"""Finds assertions that demand the rounding error of one way to compute a floating-point number.

An expected 0.6000000000000001 shows such an error by itself. For any other expected number, the
tests run on a copy of the solution whose inexact operations are off by the last binary digit.

Loaded as text into the sandbox image.
"""

import ast
import builtins
import io
import math
import re
import sys
import types
import unittest
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from coursewright.verification.python.assertions import AssertionSite, TestFile
from coursewright.verification.python.static_checks import compared_sides

MIN_ARTIFACT_DIGITS = 16
MAX_PLAIN_DIGITS = 12
EXACT_BITS = 1 << 20  # a float with at most 20 binary places counts as exact
APPROXIMATE = re.compile(r"AlmostEqual|isclose|approx|round\(|abs\(|delta")
OPERATION = "__one_digit_off__"


def float_findings(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the assertions that compare a computed floating-point number exactly."""
    sites = [site for site in TestFile(ast.parse(job["tests"])).sites() if _floats(site)]
    artifacts = [site.label for site in sites if any(map(_is_artifact, _floats(site)))]
    artifacts = artifacts or _artifacts_elsewhere(job["tests"])
    if artifacts:
        return [{"code": "float_equality", "where": artifacts, "params": {}}]
    lines = _failing_lines(job) if sites else set()
    fragile = [site.label for site in sites if _spans(site, lines)]
    return [{"code": "float_equality_fragile", "where": fragile, "params": {}}] if fragile else []


def _spans(site: AssertionSite, lines: Iterable[int]) -> bool:
    end = site.statement.end_lineno or site.statement.lineno
    return any(site.statement.lineno <= line <= end for line in lines)


def _artifacts_elsewhere(source: str) -> list[str]:
    """Return the lines of numbers with a rounding error that reach assertions through a name.

    Arguments of calls are not results, and a file that compares approximately may well name them.
    """
    if APPROXIMATE.search(source):
        return []
    tree = ast.parse(source)
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    arguments = {part for call in calls for part in ast.walk(call)}
    constants = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and n not in arguments)
    return [
        f"line {node.lineno}"
        for node in constants
        if isinstance(node.value, float) and _is_artifact(node.value)
    ]


def _floats(site: AssertionSite) -> list[float]:
    """Return the floating-point numbers on the expected side of an equality."""
    expected = (
        side
        for side in compared_sides(site.statement)
        if not any(isinstance(part, ast.Call) for part in ast.walk(side))
    )
    parts = (part for side in expected for part in ast.walk(side))
    return [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, float)]


def _is_artifact(number: float) -> bool:
    """Whether a number is a plain decimal with a rounding error, such as 0.6000000000000001."""
    digits = len(repr(number).partition("e")[0].replace(".", "").strip("-0"))
    plain = len(f"{number:.14e}".partition("e")[0].replace(".", "").strip("-0"))
    return digits >= MIN_ARTIFACT_DIGITS and plain <= MAX_PLAIN_DIGITS


def _failing_lines(job: dict[str, Any]) -> set[int]:
    """Return the lines of the tests that fail if inexact operations are one digit off."""
    tree = _PerturbOperations().visit(ast.parse(job["solution"]))
    code = compile(ast.fix_missing_locations(tree), "solution.py", "exec")
    names = {OPERATION: _one_digit_off, "sum": _sum}
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(""), io.StringIO(), io.StringIO()
    result = _LineCollector()
    try:
        _load(job["module"], code, names)
        tests = _load(job["tests_module"], compile(job["tests"], "tests.py", "exec"), {})
        unittest.TestLoader().loadTestsFromModule(tests).run(result)
    except BaseException:  # noqa: BLE001  code under test may raise anything
        return set()
    return result.lines


def _load(name: str, code: types.CodeType, names: dict[str, Any]) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__dict__.update(names)
    sys.modules[name] = module
    exec(code, module.__dict__)  # noqa: S102
    return module


class _LineCollector(unittest.TestResult):
    """Collects the lines of the test file at which tests fail."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: set[int] = set()

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        trace = err[2]
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == "tests.py":
                self.lines.add(trace.tb_lineno)
            trace = trace.tb_next

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        if err is not None and issubclass(err[0], AssertionError):
            self.addFailure(test, err)


class _PerturbOperations(ast.NodeTransformer):
    """Replaces arithmetic operations with calls that are one digit off where they are inexact."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        return self._perturb(node)

    def _perturb(self, node: ast.BinOp) -> ast.expr:
        if not isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.Div)):
            return node
        sign = ast.Constant(type(node.op).__name__)
        name = ast.Name(OPERATION, ast.Load())
        return ast.copy_location(ast.Call(name, [node.left, sign, node.right], []), node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        self.generic_visit(node)
        if not isinstance(node.target, ast.Name):
            return node
        operation = ast.BinOp(ast.Name(node.target.id, ast.Load()), node.op, node.value)
        value = self._perturb(ast.copy_location(operation, node))
        return ast.copy_location(ast.Assign([node.target], value), node)


OPERATIONS: dict[
    str, tuple[Callable[[Any, Any], Any], Callable[[Fraction, Fraction], Fraction]]
] = {
    "Add": (lambda a, b: a + b, lambda a, b: a + b),
    "Sub": (lambda a, b: a - b, lambda a, b: a - b),
    "Mult": (lambda a, b: a * b, lambda a, b: a * b),
    "Div": (lambda a, b: a / b, lambda a, b: a / b),
}


def _one_digit_off(left: Any, sign: str, right: Any) -> Any:
    """Return the result of an operation, off by the last digit if all of it was inexact.

    An operation on exact numbers rounds once, like every other way to compute its result.
    """
    plain, exactly = OPERATIONS[sign]
    result = plain(left, right)
    if type(result) is not float or not math.isfinite(result) or _are_exact(left, right):
        return result
    is_exact = exactly(Fraction(left), Fraction(right)) == Fraction(result)
    return result if is_exact else math.nextafter(result, math.inf)


def _are_exact(*numbers: float) -> bool:
    return all((number * EXACT_BITS) % 1 == 0 for number in numbers)


def _sum(items: Iterable[Any], start: Any = 0) -> Any:
    values = list(items)
    if not any(type(value) is float for value in values):
        return builtins.sum(values, start)
    total = start
    for value in values:
        total = _one_digit_off(total, "Add", value)
    return total
