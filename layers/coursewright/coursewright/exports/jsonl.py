"""Writes one assignment per line: HumanEval's fields and the full record for re-import."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from coursewright.domain.assignment import Assignment
from coursewright.domain.base import fingerprint
from coursewright.domain.brief import Kind
from coursewright.domain.errors import ExportImpossible, ImportInvalid
from coursewright.domain.export_problem import ExportProblemCode
from coursewright.exports import result_lines
from coursewright.exports.code_analysis import entry_point, module_name, test_ids
from coursewright.exports.files import ExportedFile, ExportItem, FormatWriter
from coursewright.exports.provenance import provenance, without_reviewer
from coursewright.exports.teacher_note import teacher_note

FILE_NAME = "assignments.jsonl"
ESCAPED_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}

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
{functions}

SCHEMA = {schema!r}
ORDERED = {ordered!r}
DATASETS = json.loads({datasets!r})


def check(candidate):
    """Run the query `candidate` on every dataset."""
    import sqlite3
    for dataset in DATASETS:
        database = sqlite3.connect(":memory:")
        database.executescript(SCHEMA)
        database.executescript(dataset["seed_sql"])
        cursor = database.execute(candidate)
        columns = [column[0] for column in cursor.description or []]
        actual = format_result(columns, cursor.fetchall(), ORDERED)
        database.close()
        expected = format_result(dataset["expected_columns"], dataset["expected_rows"], ORDERED)
        assert actual == expected, (dataset["name"], actual, expected)
'''


def writer() -> FormatWriter:
    """Return the writer for JSON Lines, which puts all assignments into one file."""
    return FormatWriter(files=_files)


def read(text: str) -> tuple[Assignment, ...]:
    """Read exported assignments. Raises: ImportInvalid, naming the line and the problem."""
    assignments: dict[str, Assignment] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if line.strip():
            assignment = _read_line(line, number)
            if assignment.assignment in assignments:
                raise ImportInvalid(f"line {number} repeats the assignment {assignment.assignment}")
            assignments[assignment.assignment] = assignment
    if not assignments:
        raise ImportInvalid("the file contains no assignments")
    return tuple(assignments.values())


def _files(item: ExportItem) -> Iterator[ExportedFile]:
    try:
        line = json.dumps(_line(item), ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise ExportImpossible.because(ExportProblemCode.NOT_JSON, error=str(error)) from error
    yield ExportedFile(FILE_NAME, f"{line.translate(ESCAPED_LINE_ENDS)}\n".encode())


def _line(item: ExportItem) -> dict[str, Any]:
    assignment = item.assignment
    is_python = assignment.kind is Kind.PYTHON
    return {
        "task_id": item.title,
        "prompt": _with_final_newline(assignment.code),
        "entry_point": entry_point(assignment) if is_python else "query",
        "canonical_solution": assignment.solution,
        "test": _python_check(assignment) if is_python else _sql_check(assignment),
        "text": assignment.text,
        **teacher_note(assignment),
        "coursewright": without_reviewer(assignment).model_dump(mode="json"),
        "provenance": provenance(assignment),
    }


def _with_final_newline(code: str) -> str:
    # HumanEval concatenates prompt and solution before running them.
    return code if code.endswith("\n") or not code else f"{code}\n"


def _python_check(assignment: Assignment) -> str:
    return PYTHON_CHECK.format(
        tests=assignment.tests,
        module=module_name(assignment),
        entry=entry_point(assignment),
        count=len(test_ids(assignment)),
    )


def _sql_check(assignment: Assignment) -> str:
    datasets = [dataset.model_dump(mode="json") for dataset in assignment.datasets]
    return SQL_CHECK.format(
        functions=Path(result_lines.__file__).read_text("utf-8").rstrip(),
        schema=assignment.schema_sql,
        ordered=assignment.ordered,
        datasets=json.dumps(datasets),
    )


def _read_line(line: str, number: int) -> Assignment:
    try:
        record = json.loads(line)
        assignment = Assignment.model_validate_json(json.dumps(record["coursewright"]))
        is_unchanged = record["provenance"]["sha256"] == fingerprint(record["coursewright"])
    except ValidationError as error:
        raise ImportInvalid(f"line {number}: {_first_problem(error)}") from error
    except RecursionError as error:
        raise ImportInvalid(f"line {number} is nested too deeply") from error
    except ValueError as error:
        raise ImportInvalid(f"line {number} is not JSON: {error}") from error
    except (KeyError, TypeError) as error:
        raise ImportInvalid(f"line {number} is not an exported assignment") from error
    if not is_unchanged:
        raise ImportInvalid(
            f"line {number}: “{assignment.name}” was changed after its export (checksum mismatch)"
        )
    return assignment


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
