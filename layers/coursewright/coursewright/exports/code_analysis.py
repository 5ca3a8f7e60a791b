"""Reads test names and entry points from an assignment's code without running it."""

import ast
from pathlib import PurePosixPath

from coursewright.domain.assignment import Assignment
from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export_problem import ExportProblemCode
from coursewright.domain.unittest_discovery import read_tests

UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def module_name(assignment: Assignment) -> str:
    """Return the name under which tests import the learner's file."""
    return PurePosixPath(assignment.file_name).stem


def test_ids(assignment: Assignment) -> list[str]:
    """Return the tests as `Class.test`, without those that the file itself skips.

    Raises: ExportImpossible.
    """
    try:
        names = read_tests(assignment.tests, "tests")
    except UNREADABLE as error:
        raise ExportImpossible.because(
            ExportProblemCode.TESTS_UNREADABLE, error=str(error)
        ) from error
    tests = [name for name in names["tests"] if name not in names["skipped"]]
    if not tests:
        raise ExportImpossible.because(ExportProblemCode.NO_TESTS)
    return [name.removeprefix("tests.") for name in tests]


def entry_point(assignment: Assignment) -> str:
    """Return the first name imported by the tests, or else the first one defined by the solution.

    Raises: ExportImpossible.
    """
    test_ids(assignment)
    try:
        tests, solution = ast.parse(assignment.tests), ast.parse(assignment.solution)
    except UNREADABLE as error:
        raise ExportImpossible.because(
            ExportProblemCode.CODE_UNREADABLE, error=str(error)
        ) from error
    imported = (
        node.names[0].name
        for node in ast.walk(tests)
        if isinstance(node, ast.ImportFrom) and node.module == module_name(assignment)
    )
    defined = (node.name for node in solution.body if isinstance(node, DEFINITIONS))
    name = next((name for name in (*imported, *defined) if name != "*"), None)
    if name is None:
        raise ExportImpossible.because(ExportProblemCode.NOTHING_DEFINED)
    return name
