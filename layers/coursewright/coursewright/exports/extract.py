"""What the formats read out of an assignment's tests and solution, without running them."""

import ast
from pathlib import PurePosixPath

from coursewright.domain.assignment import Assignment
from coursewright.domain.errors import ExportImpossible
from coursewright.verification.python.source_reader import read_tests

UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def stem(one: Assignment) -> str:
    """Return the learner's file name without its ending."""
    return PurePosixPath(one.file_name).stem


def test_ids(one: Assignment) -> list[str]:
    """List the tests as `Class.test`, but none that the file itself skips.

    Raises: ExportImpossible.
    """
    try:
        found = read_tests(one.tests, "tests")
    except UNREADABLE as error:
        raise ExportImpossible(f"its tests cannot be read: {error}") from error
    tests = [name for name in found["tests"] if name not in found["skipped"]]
    if not tests:
        raise ExportImpossible("its tests contain no unittest method")
    return [name.removeprefix("tests.") for name in tests]


def entry_point(one: Assignment) -> str:
    """Name what the tests import first, else what the solution defines first.

    Raises: ExportImpossible.
    """
    test_ids(one)
    try:
        tests, solution = ast.parse(one.tests), ast.parse(one.solution)
    except UNREADABLE as error:
        raise ExportImpossible(f"its code cannot be read: {error}") from error
    imported = (
        node.names[0].name
        for node in ast.walk(tests)
        if isinstance(node, ast.ImportFrom) and node.module == stem(one)
    )
    defined = (node.name for node in solution.body if isinstance(node, DEFINITIONS))
    name = next((name for name in (*imported, *defined) if name != "*"), None)
    if name is None:
        raise ExportImpossible("its solution defines no function and no class")
    return name
