"""Reads problem sets as drafts whose tests are wrapped in unittest."""

import ast
import gzip
import json
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from coursewright.verification.check_request import PythonCheck
from tests.benchmarks.report import Figure

ROOT = Path(__file__).parents[2]
DEFAULT = ROOT.parent / "shared" / "data" / "HumanEval.jsonl.gz"
WRAPPED = """import unittest
from solution import *
from solution import {name}
{tests}

class Test(unittest.TestCase):
    def test_check(self):
        check({name})
"""


class Problem(BaseModel):
    """One problem in a set; other fields are ignored."""

    model_config = ConfigDict(frozen=True)

    task_id: str = ""
    prompt: str
    canonical_solution: str
    test: str
    entry_point: str

    def draft(self, solution: str | None = None) -> PythonCheck:
        """Return a draft with the canonical solution or a different one."""
        body = self.canonical_solution if solution is None else solution
        return PythonCheck(
            kind="python",
            starter=f"{self.prompt}    pass\n",
            solution=self.prompt + body,
            tests=WRAPPED.format(name=self.entry_point, tests=self.test),
            text=self.text,
        )

    @property
    def text(self) -> str:
        """The task's text: the docstring of the function to be written."""
        body = ast.parse(f"{self.prompt}    pass\n").body
        functions = (node for node in body if isinstance(node, ast.FunctionDef))
        own = next(node for node in functions if node.name == self.entry_point)
        return ast.get_docstring(own) or ""


def path() -> Path:
    """Return the path of the open set, which HUMAN_EVAL can override."""
    return Path(os.environ.get("HUMAN_EVAL") or DEFAULT)


def problems(file: Path | None = None) -> list[Problem]:
    """Read a problem set, by default the open one; empty if the file is missing."""
    file = file or path()
    if not file.exists():
        return []
    body = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    lines = body.decode("utf-8").split("\n")
    return [Problem.model_validate(json.loads(line)) for line in lines if line.strip()]


def absent() -> Figure:
    """Return a figure for a missing set; it is a missed goal if HUMAN_EVAL is set."""
    is_named = bool(os.environ.get("HUMAN_EVAL"))
    return Figure(
        name="open set",
        value=f"missing: no problems in {path()}; set HUMAN_EVAL to its path",
        must_be="present" if is_named else "",
        holds=False if is_named else None,
    )


def weakened(problem: Problem, assertions: int) -> Problem | None:
    """Return the problem with only its first assertions, or None if it has too few."""
    tree = ast.parse(problem.test)
    check = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "check")
    asserts = [n for n in check.body if isinstance(n, ast.Assert)]
    remaining = [n for n in asserts if not isinstance(n.test, ast.Constant)][:assertions]
    if len(remaining) < assertions:
        return None
    check.body = [n for n in check.body if n in remaining or not isinstance(n, ast.Assert)]
    return problem.model_copy(update={"test": ast.unparse(tree)})
