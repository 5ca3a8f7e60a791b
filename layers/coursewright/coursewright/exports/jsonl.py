"""One assignment a line: HumanEval's fields, and the whole record for another installation."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from coursewright.domain.assignment import Assignment
from coursewright.domain.base import fingerprint
from coursewright.domain.brief import Kind
from coursewright.domain.errors import ExportImpossible, ImportInvalid
from coursewright.exports import answer_rows
from coursewright.exports.extract import entry_point, stem, test_ids
from coursewright.exports.files import ExportedFile, Named, Writer
from coursewright.exports.provenance import provenance, public

NAME = "assignments.jsonl"
LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}

PYTHON_CHECK = """\
TESTS = {tests!r}


def check(candidate):
    import sys, types, unittest
    module, tests = types.ModuleType({module!r}), types.ModuleType("coursewright_tests")
    module.__dict__.update(globals())
    module.__dict__.update(getattr(candidate, "__globals__", {{}}))
    module.__dict__[{entry!r}] = candidate
    module.__name__ = {module!r}
    sys.modules[{module!r}] = module
    exec(compile(TESTS, "coursewright_tests.py", "exec"), tests.__dict__)
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromModule(tests).run(result)
    assert result.wasSuccessful(), (result.failures + result.errors)[0][1]
    assert result.testsRun - len(result.skipped) >= {count}, "a test was skipped"
"""
SQL_CHECK = '''\
{rows}

SCHEMA = {schema!r}
ORDERED = {ordered!r}
DATASETS = json.loads({datasets!r})


def check(candidate):
    """Ask the query `candidate` of every dataset."""
    import sqlite3
    for dataset in DATASETS:
        database = sqlite3.connect(":memory:")
        database.executescript(SCHEMA)
        database.executescript(dataset["seed_sql"])
        cursor = database.execute(candidate)
        columns = [column[0] for column in cursor.description or []]
        given = row_lines(columns, cursor.fetchall(), ORDERED)
        database.close()
        expected = row_lines(dataset["expected_columns"], dataset["expected_rows"], ORDERED)
        assert given == expected, (dataset["name"], given, expected)
'''


def writer() -> Writer:
    """Return how assignments become lines of one file."""
    return Writer(files=_files)


def read(text: str) -> tuple[Assignment, ...]:
    """Take assignments back. Raises: ImportInvalid names the line and what is wrong with it."""
    found: dict[str, Assignment] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if line.strip():
            one = _read_line(line, number)
            if one.assignment in found:
                raise ImportInvalid(f"line {number} repeats the assignment {one.assignment}")
            found[one.assignment] = one
    if not found:
        raise ImportInvalid("there is no assignment in it")
    return tuple(found.values())


def _files(named: Named) -> Iterator[ExportedFile]:
    try:
        line = json.dumps(_line(named), ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise ExportImpossible(f"JSON cannot carry it: {error}") from error
    yield ExportedFile(NAME, f"{line.translate(LINE_ENDS)}\n".encode())


def _line(named: Named) -> dict[str, Any]:
    one = named.one
    is_python = one.kind is Kind.PYTHON
    return {
        "task_id": named.title,
        "prompt": _whole_lines(one.code),
        "entry_point": entry_point(one) if is_python else "query",
        "canonical_solution": one.solution,
        "test": _python_check(one) if is_python else _sql_check(one),
        "text": one.text,
        "coursewright": public(one).model_dump(mode="json"),
        "provenance": provenance(one),
    }


def _whole_lines(code: str) -> str:
    # HumanEval runs prompt and solution as one text.
    return code if code.endswith("\n") or not code else f"{code}\n"


def _python_check(one: Assignment) -> str:
    return PYTHON_CHECK.format(
        tests=one.tests, module=stem(one), entry=entry_point(one), count=len(test_ids(one))
    )


def _sql_check(one: Assignment) -> str:
    datasets = [each.model_dump(mode="json") for each in one.datasets]
    return SQL_CHECK.format(
        rows=Path(answer_rows.__file__).read_text("utf-8").rstrip(),
        schema=one.schema_sql,
        ordered=one.ordered,
        datasets=json.dumps(datasets),
    )


def _read_line(line: str, number: int) -> Assignment:
    try:
        whole = json.loads(line)
        one = Assignment.model_validate_json(json.dumps(whole["coursewright"]))
        is_unchanged = whole["provenance"]["sha256"] == fingerprint(whole["coursewright"])
    except ValidationError as error:
        raise ImportInvalid(f"line {number}: {_first_problem(error)}") from error
    except RecursionError as error:
        raise ImportInvalid(f"line {number} is nested too deeply") from error
    except ValueError as error:
        raise ImportInvalid(f"line {number} is no JSON: {error}") from error
    except (KeyError, TypeError) as error:
        raise ImportInvalid(f"line {number} is no assignment that was exported here") from error
    if not is_unchanged:
        raise ImportInvalid(
            f"line {number}: “{one.name}” was changed after its export (its sha256 differs)"
        )
    return one


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
