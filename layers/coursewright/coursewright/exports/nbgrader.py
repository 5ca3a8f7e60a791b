"""Writes notebooks for nbgrader: a solution cell and hidden tests, one point per test."""

import json
from collections.abc import Iterator
from typing import Any

from coursewright.domain.assignment import Assignment
from coursewright.domain.brief import Kind
from coursewright.domain.errors import ExportImpossible
from coursewright.domain.export_problem import ExportProblemCode
from coursewright.exports.code_analysis import module_name, test_ids
from coursewright.exports.files import ExportedFile, ExportItem, FormatWriter
from coursewright.exports.provenance import provenance
from coursewright.exports.teacher_note import note_lines
from coursewright.markup.sanitise import clean_html

MARKERS = ("### BEGIN ", "### END ")
HIDDEN = """\
# {title}
### BEGIN HIDDEN TESTS
{code}
### END HIDDEN TESTS"""

# nbgrader awards no points if a cell writes to stderr, which unittest's runner does by default.
LOAD_TESTS = """\
import contextlib, sys, types, unittest

TESTS = (
{tests}
)


def coursewright_check(test):
    sys.modules[{module!r}] = sys.modules["__main__"]
    tests = types.ModuleType("coursewright_tests")
    with contextlib.redirect_stderr(sys.stdout):
        exec(compile(TESTS, "coursewright_tests.py", "exec"), vars(tests))
        suite = unittest.TestLoader().loadTestsFromName(test, tests)
        result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    assert result.testsRun == 1 and result.wasSuccessful() and not result.skipped, test"""

Cell = dict[str, Any]


def writer() -> FormatWriter:
    """Return the writer for nbgrader, which puts one notebook per assignment into `source`."""
    return FormatWriter(files=_files)


def _files(item: ExportItem) -> Iterator[ExportedFile]:
    text = json.dumps(notebook(item), ensure_ascii=False, indent=1)
    path = f"source/{item.slug}/{item.slug}.ipynb"
    yield ExportedFile(path, f"{text}\n".encode())


def notebook(item: ExportItem) -> dict[str, Any]:
    """Return the notebook in nbformat 4.5. Raises: ExportImpossible."""
    assignment = item.assignment
    if assignment.kind is not Kind.PYTHON:
        raise ExportImpossible.because(ExportProblemCode.SQL_UNSUPPORTED)
    if any(
        marker in text
        for marker in MARKERS
        for text in (assignment.code, assignment.solution, assignment.tests)
    ):
        raise ExportImpossible.because(ExportProblemCode.MARKER_INSIDE)
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": list(_cells(item)),
        "metadata": {
            "kernelspec": python,
            "language_info": {"name": "python"},
            "coursewright": provenance(assignment),
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cells(item: ExportItem) -> Iterator[Cell]:
    assignment = item.assignment
    text = f"# {item.title}\n\n{clean_html(assignment.text)}"
    yield _cell("text", text, cell_type="markdown", locked=True)
    yield _cell("solution", _solution(assignment), solution=True)
    tests = "\n".join(f"    {line!r}" for line in assignment.tests.splitlines(keepends=True))
    load = LOAD_TESTS.format(tests=tests, module=module_name(assignment))
    code = f"{_note(assignment)}\n{load}"
    yield _cell("load-tests", HIDDEN.format(title="Tests", code=code), points=0)
    for number, test in enumerate(test_ids(assignment), start=1):
        code = HIDDEN.format(title=test, code=f"coursewright_check({test!r})")
        yield _cell(f"test-{number}", code, points=1)


def _note(assignment: Assignment) -> str:
    """Return the certificate and the doubts as comments, without text that ends a hidden region."""
    return "\n".join(f"# {line.replace('###', '')}" for line in note_lines(assignment))


def _solution(assignment: Assignment) -> str:
    """Return the solution cell; the starter is a comment, so that it scores 0 if left unchanged."""
    starter = "".join(f"# {line}".rstrip() + "\n" for line in assignment.code.splitlines())
    starter_text = f"# You can start from this:\n{starter}\n" if starter else ""
    return f"{starter_text}### BEGIN SOLUTION\n{assignment.solution.rstrip()}\n### END SOLUTION"


def _cell(
    name: str,
    source: str,
    *,
    cell_type: str = "code",
    solution: bool = False,
    locked: bool = False,
    points: int | None = None,
) -> Cell:
    is_graded = points is not None
    facts: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": name,
        "grade": is_graded,
        "solution": solution,
        "locked": locked or is_graded,
        "task": False,
        "cell_type": cell_type,
    } | ({"points": points} if is_graded else {})
    code: Cell = {"execution_count": None, "outputs": []} if cell_type == "code" else {}
    return {
        "cell_type": cell_type,
        "id": name,
        "metadata": {"nbgrader": facts},
        "source": source,
        **code,
    }
