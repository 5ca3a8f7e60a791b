"""Reads the open set of problems, each as a draft whose tests are wrapped in unittest."""

import gzip
import json
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from coursewright.verification.contract import PythonCheck

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
    """One problem of the open set; what else is said about it does not matter here."""

    model_config = ConfigDict(frozen=True)

    task_id: str
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


def problems() -> list[Problem]:
    """Read the open set; it is empty where there is none."""
    if not path().exists():
        return []
    with gzip.open(path(), "rt", encoding="utf-8") as lines:
        return [Problem.model_validate(json.loads(line)) for line in lines]
