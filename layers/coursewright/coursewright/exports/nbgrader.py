"""A notebook for nbgrader: solution and hidden tests in their cells, a point for each test."""

import json
from collections.abc import Iterator
from typing import Any

from coursewright.domain.assignment import Assignment
from coursewright.domain.brief import Kind
from coursewright.domain.errors import ExportImpossible
from coursewright.exports.extract import stem, test_ids
from coursewright.exports.files import ExportedFile, Named, Writer
from coursewright.exports.provenance import provenance
from coursewright.markup.sanitise import clean_html

MARKERS = ("### BEGIN ", "### END ")
HIDDEN = """\
# {title}
### BEGIN HIDDEN TESTS
{code}
### END HIDDEN TESTS"""

# nbgrader gives no points where a cell writes to stderr, as unittest's runner does by itself.
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


def writer() -> Writer:
    """Return how an assignment becomes a notebook in nbgrader's folder `source`."""
    return Writer(files=_files)


def _files(named: Named) -> Iterator[ExportedFile]:
    text = json.dumps(notebook(named), ensure_ascii=False, indent=1)
    path = f"source/{named.slug}/{named.slug}.ipynb"
    yield ExportedFile(path, f"{text}\n".encode())


def notebook(named: Named) -> dict[str, Any]:
    """Return the notebook as nbformat 4.5 has it. Raises: ExportImpossible."""
    one = named.one
    if one.kind is not Kind.PYTHON:
        raise ExportImpossible("it is SQL, and nbgrader takes Python only")
    if any(marker in text for marker in MARKERS for text in (one.code, one.solution, one.tests)):
        raise ExportImpossible("it contains a line with nbgrader's own marks")
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": list(_cells(named)),
        "metadata": {
            "kernelspec": python,
            "language_info": {"name": "python"},
            "coursewright": provenance(one),
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cells(named: Named) -> Iterator[Cell]:
    one = named.one
    text = f"# {named.title}\n\n{clean_html(one.text)}"
    yield _cell("text", text, cell_type="markdown", locked=True)
    yield _cell("solution", _solution(one), solution=True)
    tests = "\n".join(f"    {line!r}" for line in one.tests.splitlines(keepends=True))
    load = LOAD_TESTS.format(tests=tests, module=stem(one))
    yield _cell("load-tests", HIDDEN.format(title="Tests", code=load), points=0)
    for number, test in enumerate(test_ids(one), start=1):
        code = HIDDEN.format(title=test, code=f"coursewright_check({test!r})")
        yield _cell(f"test-{number}", code, points=1)


def _solution(one: Assignment) -> str:
    """Return the cell's text; the starter is a comment, so that handed in as it is it scores 0."""
    starter = "".join(f"# {line}".rstrip() + "\n" for line in one.code.splitlines())
    offer = f"# You may start from this:\n{starter}\n" if starter else ""
    return f"{offer}### BEGIN SOLUTION\n{one.solution.rstrip()}\n### END SOLUTION"


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
