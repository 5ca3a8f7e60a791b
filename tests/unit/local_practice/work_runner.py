"""Runs the practice authors' work without a sandbox, because it is trusted code."""

import html
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from local.practice.content import Assignment, Dataset, FlawedAttempt, Kind, Portfolio, portfolios

type Row = tuple[object, ...]

WORK = [
    (portfolio, assignment) for portfolio in portfolios() for assignment in portfolio.assignments
]
PYTHON = [assignment for portfolio, assignment in WORK if portfolio.kind is Kind.PYTHON]
SQL = [assignment for portfolio, assignment in WORK if portfolio.kind is Kind.SQL]
FLAWS = [
    (portfolio, assignment, flawed)
    for portfolio, assignment in WORK
    for flawed in assignment.flawed
]


def title(work: object) -> str:
    """Return the assignment's name as the id of a test case."""
    return work.name if isinstance(work, Assignment) else ""


def assignments_by(model: str, lesson: str) -> list[Assignment]:
    """Return an author's assignments for a lesson."""
    return list(portfolio_for(model, lesson).assignments)


def portfolio_for(model: str, lesson: str) -> Portfolio:
    """Return an author's portfolio for a lesson."""
    return next(
        portfolio
        for portfolio in portfolios()
        if (portfolio.model, portfolio.lesson) == (model, lesson)
    )


def python_passes(code: str, tests: str, folder: Path) -> bool:
    """Whether a solution passes a unittest module."""
    (folder / "solution.py").write_text(code, encoding="utf-8")
    (folder / "test_solution.py").write_text(tests, encoding="utf-8")
    command = [sys.executable, "-B", "-S", "-m", "unittest", "test_solution"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=20, check=False)
    return done.returncode == 0


def query(schema_sql: str, dataset: Dataset, select: str) -> tuple[list[str], list[Row]]:
    """Return the columns and rows that a query returns for a dataset."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(schema_sql + dataset.seed_sql)
        cursor = connection.execute(select)
        return [column[0] for column in cursor.description], cursor.fetchall()
    finally:
        connection.close()


def sql_passes(assignment: Assignment, select: str, datasets: Iterable[Dataset]) -> bool:
    """Whether a query returns the expected rows for all datasets."""
    return all(_fits(assignment, select, dataset) for dataset in datasets)


def flawed_passes(kind: Kind, assignment: Assignment, flawed: FlawedAttempt, folder: Path) -> bool:
    """Whether an assignment passes with a flawed part in place of the correct one."""
    solution = flawed.solution or assignment.solution
    if kind is Kind.PYTHON:
        return python_passes(solution, flawed.tests or assignment.tests, folder)
    try:
        return sql_passes(assignment, solution, flawed.datasets or assignment.datasets)
    except sqlite3.OperationalError:
        return False


def plain(text: str) -> str:
    """Return an HTML fragment's text with whitespace collapsed."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", text)).split())


def _fits(assignment: Assignment, select: str, dataset: Dataset) -> bool:
    columns, rows = query(assignment.schema_sql, dataset, select)
    expected = [tuple(row) for row in dataset.rows]
    if not assignment.ordered:
        rows, expected = sorted(rows, key=repr), sorted(expected, key=repr)
    return columns == dataset.columns and rows == expected
