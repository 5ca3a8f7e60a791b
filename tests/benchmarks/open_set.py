"""Reads sets of problems, each as a draft whose tests are wrapped in unittest."""

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
    """One problem of a set; what else is said about it does not matter here."""

    model_config = ConfigDict(frozen=True)

    task_id: str = ""
    prompt: str
    canonical_solution: str
    test: str
    entry_point: str

    def draft(self, solution: str | None = None) -> PythonCheck:
        """Make a draft of it: the canonical solution, or another one."""
        body = self.canonical_solution if solution is None else solution
        return PythonCheck(
            kind="python",
            starter=f"{self.prompt}    pass\n",
            solution=self.prompt + body,
            tests=WRAPPED.format(name=self.entry_point, tests=self.test),
        )


def path() -> Path:
    """Say where the open set lies: HUMAN_EVAL names another place."""
    return Path(os.environ.get("HUMAN_EVAL") or DEFAULT)


def problems(file: Path | None = None) -> list[Problem]:
    """Read a set, the open one unless another is named; it is empty where there is none."""
    file = file or path()
    if not file.exists():
        return []
    body = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    lines = body.decode("utf-8").split("\n")
    return [Problem.model_validate(json.loads(line)) for line in lines if line.strip()]


def absent() -> Figure:
    """Say that no problem was found; where somebody has named the place, this falls short."""
    is_named = bool(os.environ.get("HUMAN_EVAL"))
    return Figure(
        name="open set",
        value=f"absent: no problem in {path()}; HUMAN_EVAL names its place",
        must_be="there" if is_named else "",
        holds=False if is_named else None,
    )


def weakened(problem: Problem, assertions: int) -> Problem | None:
    """Leave only the first assertions of a problem's tests, if there are so many."""
    tree = ast.parse(problem.test)
    check = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "check")
    asserts = [n for n in check.body if isinstance(n, ast.Assert)]
    kept = [n for n in asserts if not isinstance(n.test, ast.Constant)][:assertions]
    if len(kept) < assertions:
        return None
    check.body = [n for n in check.body if n in kept or not isinstance(n, ast.Assert)]
    return problem.model_copy(update={"test": ast.unparse(tree)})
