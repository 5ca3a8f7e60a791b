"""Writes Exercism exercises, one folder each; SQL is tested on its datasets with sqlite3."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coursewright.domain.assignment import Assignment
from coursewright.domain.brief import Kind
from coursewright.exports import result_lines
from coursewright.exports.code_analysis import module_name, test_ids
from coursewright.exports.files import ExportedFile, ExportItem, FormatWriter
from coursewright.exports.markdown import escape_markdown, markdown
from coursewright.exports.provenance import provenance
from coursewright.exports.teacher_note import note_lines, teacher_note

MAX_BLURB_CHARS = 350
SQL_TEST = '''\
{functions}

import sqlite3
import unittest
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DATA = json.loads((HERE / "datasets.json").read_text(encoding="utf-8"))


class DatasetsTest(unittest.TestCase):
    """The query gives the expected rows for every dataset."""

    maxDiff = None

    def test_datasets(self):
        query = (HERE / {file_name!r}).read_text(encoding="utf-8")
        for dataset in DATA["datasets"]:
            with self.subTest(dataset["name"]):
                self.assertEqual(self.answer(query, dataset), self.expected(dataset))

    def answer(self, query, dataset):
        database = sqlite3.connect(":memory:")
        self.addCleanup(database.close)
        database.executescript((HERE / "create_fixture.sql").read_text(encoding="utf-8"))
        database.executescript(dataset["seed_sql"])
        cursor = database.execute(query)
        columns = [column[0] for column in cursor.description or []]
        return format_result(columns, cursor.fetchall(), DATA["ordered"])

    def expected(self, dataset):
        return format_result(dataset["expected_columns"], dataset["expected_rows"], DATA["ordered"])


if __name__ == "__main__":
    unittest.main()
'''


def writer() -> FormatWriter:
    """Return the writer for Exercism, which puts each assignment into its own folder."""
    return FormatWriter(files=_files)


def _files(item: ExportItem) -> Iterator[ExportedFile]:
    assignment = item.assignment
    example = f".meta/example.{assignment.kind.replace('python', 'py')}"
    tests = _tests(assignment)
    config = {
        "authors": [],
        "files": {
            "solution": [assignment.file_name],
            "test": [f"{module_name(assignment)}_test.py"],
            "example": [example],
            "editor": [name for name in tests if not name.endswith("_test.py")],
        },
        "blurb": item.title[:MAX_BLURB_CHARS],
        "custom": {"coursewright": _facts(assignment)},
    }
    texts = {
        ".docs/instructions.md": f"# Instructions\n\n{markdown(assignment.text)}",
        ".meta/design.md": _design(assignment),
        ".meta/config.json": json.dumps(config, ensure_ascii=False, indent=2) + "\n",
        example: assignment.solution,
        assignment.file_name: assignment.code,
        **tests,
        **_hints(assignment),
    }
    for name, text in texts.items():
        yield ExportedFile(f"{item.slug}/{name}", text.encode())


def _facts(assignment: Assignment) -> dict[str, Any]:
    evidence = {"evidence": assignment.evidence.model_dump(mode="json")}
    return teacher_note(assignment) | provenance(assignment) | evidence


def _design(assignment: Assignment) -> str:
    """Return the certificate and the doubts where Exercism's maintainers look for notes."""
    certificate, *doubts = map(escape_markdown, note_lines(assignment))
    return "\n".join(["# Verification", "", certificate, "", *(f"- {each}" for each in doubts)])


def _hints(assignment: Assignment) -> dict[str, str]:
    if not assignment.hint:
        return {}
    return {".docs/hints.md": f"# Hints\n\n## General\n\n- {escape_markdown(assignment.hint)}\n"}


def _tests(assignment: Assignment) -> dict[str, str]:
    name = f"{module_name(assignment)}_test.py"
    if assignment.kind is Kind.PYTHON:
        test_ids(assignment)
        return {name: assignment.tests}
    functions = Path(result_lines.__file__).read_text("utf-8").rstrip()
    datasets = [dataset.model_dump(mode="json") for dataset in assignment.datasets]
    data = {"ordered": assignment.ordered, "datasets": datasets}
    return {
        name: SQL_TEST.format(functions=functions, file_name=assignment.file_name),
        "create_fixture.sql": assignment.schema_sql,
        "datasets.json": json.dumps(data, ensure_ascii=False, indent=1) + "\n",
    }
