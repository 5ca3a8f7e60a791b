"""Approved assignments to export: all by the practice authors, and some with edge cases."""

import ast
from typing import Any

from coursewright.domain.assignment import Assignment, assignment_id
from coursewright.domain.evidence import (
    Difference,
    Evidence,
    Finding,
    FindingCode,
    Mutants,
    Verdict,
)
from coursewright.domain.verification import Disagreement
from local.practice.content import Assignment as Practised
from local.practice.content import Portfolio, portfolios

REVIEWER = "ada@example.edu"
EVIDENCE = Evidence(
    verdict=Verdict.VERIFIED,
    solution_passes=True,
    starter_fails=True,
    tests_run=4,
    mutants=Mutants(total=9, killed=8, survivors=("-    return 1\n+    return 2",)),
    repeatable=True,
).model_dump(mode="json")
NOTE = (
    "verified, 1 doubt: 4 tests, 8 of 9 planted mistakes noticed, "
    "the starter code fails the tests, 2 models agree"
)
DOUBT_TEXT = "The text may be ambiguous: o solved the task differently."
DISAGREEMENT = Disagreement(
    solver="openai:o", difference=Difference(input="sum_even([2])", result="3", own_result="2")
)
DOUBT = Finding(code=FindingCode.AMBIGUOUS, params={"models": ("openai:o",)})
CERTIFICATE = {
    "draft": "openai:m/r1/d1",
    "attempt": 0,
    "verified": True,
    "checked": True,
    "tests": 4,
    "mutants": 9,
    "mutants_killed": 8,
    "starter_fails": True,
    "repeatable": True,
    "independent": True,
    "requirements": 4,
    "requirements_met": 4,
    "agreeing": ["openai:n"],
    "disagreeing": ["openai:o"],
    "disagreements": [DISAGREEMENT.model_dump(mode="json")],
    "near_duplicate": None,
    "doubts": [DOUBT.model_dump(mode="json")],
}
FACTS: dict[str, Any] = {
    "course": "python-basics",
    "module": "loops",
    "generation": "0f3a9c52d1b7e864",
    "draft": "openai:m/r1/d1",
    "model": "openai:m",
    "kind": "python",
    "difficulty": 2,
    "concepts": ["loops"],
    "schema_sql": "",
    "tests": "",
    "datasets": [],
    "ordered": False,
    "requirements": [],
    "explanation": "Add up what is even & nothing else.",
    "evidence": EVIDENCE,
    "certificate": CERTIFICATE,
    "prompt_set": "2026-01",
    "approved_by": REVIEWER,
    "approved_at": "2026-01-15T09:00:00+00:00",
}
SUM_EVEN: dict[str, Any] = {
    "assignment": "00000000000000aa",
    "name": "Sum of even numbers",
    "text": "<p>Write <code>sum_even(numbers)</code>: the sum &amp; nothing else. ]]&gt;</p>",
    "code": "def sum_even(numbers):\n    pass\n",
    "file_name": "solution.py",
    "solution": "def sum_even(numbers):\n    return sum(n for n in numbers if n % 2 == 0)\n",
    "tests": (
        "import unittest\nfrom solution import sum_even\n\n\n"
        "class SumEven(unittest.TestCase):\n"
        "    def test_mixed(self):\n        self.assertEqual(sum_even([1, 2, 3, 4]), 6)\n\n"
        "    def test_negative(self):\n        self.assertEqual(sum_even([-2, -3]), -2)\n\n"
        "    def test_only_even(self):\n        self.assertEqual(sum_even([2, 4]), 6)\n"
    ),
}
SPECIAL_CHARACTERS: dict[str, Any] = {
    "assignment": "00000000000000bb",
    "name": "Quotes, {{ braces }} & <tags>",
    "text": '<p>Give <code>"""</code>, <code>{{ x }}</code> or <code>\\n</code>: “ünïcode”.</p>',
    "code": '"""A \\"start\\"."""\n\n\ndef traps(word):\n    return ""\n',
    "file_name": "quoting.py",
    "solution": (
        "from dataclasses import dataclass\n\n"
        "@dataclass\nclass Word:\n    text: str\n\n\n"
        "def traps(word):\n"
        "    print('talkative')\n"
        "    return Word('\\\\n\"\"\"' + \"'''{{ {% \" + word).text\n\n\n"
        "print('loaded')\n"
        "if __name__ == '__main__':\n    print(input())\n"
    ),
    "tests": (
        "import sys, unittest\nimport quoting\nfrom quoting import traps as t, Word\n\n"
        "class Base(unittest.TestCase):\n"
        "    def test_it(self):\n"
        "        print('noise', file=sys.stderr)\n"
        "        self.assertEqual(t('ż'), '\\\\n\"\"\"' + \"'''{{ {% ż\")\n\n"
        "class Twice(Base):\n"
        "    def test_again(self):\n"
        "        with self.subTest('class'):\n"
        "            self.assertIsInstance(quoting.Word('a'), Word)\n\n"
        "    @unittest.skip('for later')\n"
        "    def test_later(self):\n        self.fail()\n\n"
        "if __name__ == '__main__':\n    unittest.main()\n"
    ),
}
SQL_VALUES: dict[str, Any] = {
    "assignment": "00000000000000cc",
    "course": "sql-basics",
    "module": "joins",
    "kind": "sql",
    "name": "Rows full of traps",
    "text": "<p>Everything of <code>t</code>.</p>",
    "code": "SELECT a FROM t\n",
    "file_name": "solution.sql",
    "schema_sql": "CREATE TABLE t (a TEXT, b REAL, c INTEGER);",
    "solution": "SELECT a AS A, b * 3 AS b, c, b > 0 AS plus FROM t",
    "datasets": [
        {
            "name": 'usual "rows"',
            "seed_sql": "INSERT INTO t VALUES ('x ''\"\\n', 0.1, 9007199254740993), ('', 1, 2);",
            "expected_columns": ["a", "b", "c", "plus"],
            "expected_rows": [["", 3, 2.0, True], ["x '\"\\n", 0.3, 9007199254740993, 1]],
        },
        {
            "name": "NULL is not empty",
            "seed_sql": "INSERT INTO t VALUES (NULL, NULL, NULL), ('{{ a }}', -1, 0);",
            "expected_columns": ["a", "b", "c", "plus"],
            "expected_rows": [["{{ a }}", -3.0, 0, False], [None, None, None, None]],
        },
    ],
}


def assignment(facts: dict[str, Any], **changes: Any) -> Assignment:
    """Return an approved assignment."""
    return Assignment.model_validate(FACTS | facts | changes)


def edge_cases() -> list[Assignment]:
    """Return assignments that a careless exporter would corrupt."""
    return [assignment(facts) for facts in (SUM_EVEN, SPECIAL_CHARACTERS, SQL_VALUES)]


def from_practice() -> list[Assignment]:
    """Return every assignment of the sample lessons, approved."""
    return [
        _approved(sample, portfolio, number)
        for portfolio in portfolios()
        for number, sample in enumerate(portfolio.assignments, start=1)
    ]


def wrong_answer(sample: Assignment) -> str:
    """Return an answer that defines the right names but does nothing."""
    if sample.kind == "sql":
        return "SELECT 1 AS one"
    tree = ast.parse(sample.solution)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body = [ast.Return(ast.Constant(None))]
    return ast.unparse(ast.fix_missing_locations(tree))


def _approved(sample: Practised, portfolio: Portfolio, number: int) -> Assignment:
    draft = f"openai:{portfolio.model}/r1/d{number}"
    generation = f"{portfolio.lesson}-{portfolio.kind}"
    same = {"name", "text", "file_name", "difficulty", "concepts", "schema_sql", "tests"}
    datasets = [
        {
            "name": each.name,
            "seed_sql": each.seed_sql,
            "expected_columns": each.columns,
            "expected_rows": each.rows,
        }
        for each in sample.datasets
    ]
    return assignment(
        sample.model_dump(include=same),
        assignment=assignment_id(generation, draft),
        generation=generation,
        draft=draft,
        model=f"openai:{portfolio.model}",
        kind=portfolio.kind.value,
        course=f"{portfolio.kind}-basics",
        module=portfolio.lesson.lower(),
        code=sample.starter,
        solution=sample.solution,
        explanation=sample.explanation,
        ordered=sample.ordered,
        datasets=datasets,
        requirements=[each.model_dump() for each in sample.requirements],
    )
