"""Reads Python source without running it; even parsing takes place inside the sandbox.

Loaded as text into the sandbox image.
"""

import ast
import copy
import json
from typing import Any

from coursewright.domain.unittest_discovery import Function, read_tests
from coursewright.verification.python.assertion_count import count_cases


def _empty_statement(statement: ast.stmt) -> ast.stmt | None:
    empty = copy.deepcopy(statement)
    if isinstance(empty, Function):
        empty.body = [ast.Return(ast.Constant(None))]
    elif isinstance(empty, ast.ClassDef):
        empty.decorator_list, empty.keywords = [], []
        empty.body = _empty_block(empty.body) or [ast.Pass()]
    elif isinstance(empty, (ast.Assign, ast.AnnAssign)) and empty.value is not None:
        empty.value = ast.Constant(None)
    elif not isinstance(empty, (ast.Import, ast.ImportFrom)):
        return None
    return empty


def _empty_block(body: list[ast.stmt]) -> list[ast.stmt]:
    return [empty for empty in map(_empty_statement, body) if empty is not None]


def stub(source: str) -> str:
    """Return a solution with all its names but with empty functions."""
    tree = ast.parse(source)
    return ast.unparse(ast.fix_missing_locations(ast.Module(_empty_block(tree.body), [])))


def read(job: dict[str, Any]) -> str:
    """List a source's tests, or make a stub of it, and return the result as JSON."""
    try:
        if job["question"] == "stub":
            return json.dumps({"nonce": job["nonce"], "stub": stub(job["source"])})
        tests = read_tests(job["source"], job["module"])
        tree = ast.parse(job["source"])
        read_too = {"cases": count_cases(tree), "normalised": ast.unparse(tree)}
        return json.dumps({"nonce": job["nonce"], **tests, **read_too})
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return json.dumps({"nonce": job["nonce"], "error": f"{type(error).__name__}: {error}"})
