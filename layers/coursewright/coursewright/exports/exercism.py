"""Exercism practice exercises, one folder each; SQL asks its datasets through sqlite3."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coursewright.domain.assignment import Assignment
from coursewright.domain.brief import Kind
from coursewright.exports import answer_rows
from coursewright.exports.extract import stem, test_ids
from coursewright.exports.files import ExportedFile, Named, Writer
from coursewright.exports.markdown import as_text, markdown
from coursewright.exports.provenance import provenance

MAX_BLURB_CHARS = 350
SQL_TEST = '''\
{rows}

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
        return row_lines(columns, cursor.fetchall(), DATA["ordered"])

    def expected(self, dataset):
        return row_lines(dataset["expected_columns"], dataset["expected_rows"], DATA["ordered"])


if __name__ == "__main__":
    unittest.main()
'''


def writer() -> Writer:
    """Return how an assignment becomes a folder."""
    return Writer(files=_files)


def _files(named: Named) -> Iterator[ExportedFile]:
    one = named.one
    example = f".meta/example.{one.kind.replace('python', 'py')}"
    tests = _tests(one)
    config = {
        "authors": [],
        "files": {
            "solution": [one.file_name],
            "test": [f"{stem(one)}_test.py"],
            "example": [example],
            "editor": [name for name in tests if not name.endswith("_test.py")],
        },
        "blurb": named.title[:MAX_BLURB_CHARS],
        "custom": {"coursewright": provenance(one) | {"evidence": _evidence(one)}},
    }
    texts = {
        ".docs/instructions.md": f"# Instructions\n\n{markdown(one.text)}",
        ".meta/config.json": json.dumps(config, ensure_ascii=False, indent=2) + "\n",
        example: one.solution,
        one.file_name: one.code,
        **tests,
        **_hints(one),
    }
    for name, text in texts.items():
        yield ExportedFile(f"{named.slug}/{name}", text.encode())


def _evidence(one: Assignment) -> dict[str, Any]:
    return one.evidence.model_dump(mode="json")


def _hints(one: Assignment) -> dict[str, str]:
    if not one.hint:
        return {}
    return {".docs/hints.md": f"# Hints\n\n## General\n\n- {as_text(one.hint)}\n"}


def _tests(one: Assignment) -> dict[str, str]:
    name = f"{stem(one)}_test.py"
    if one.kind is Kind.PYTHON:
        test_ids(one)
        return {name: one.tests}
    rows = Path(answer_rows.__file__).read_text("utf-8").rstrip()
    datasets = [each.model_dump(mode="json") for each in one.datasets]
    data = {"ordered": one.ordered, "datasets": datasets}
    return {
        name: SQL_TEST.format(rows=rows, file_name=one.file_name),
        "create_fixture.sql": one.schema_sql,
        "datasets.json": json.dumps(data, ensure_ascii=False, indent=1) + "\n",
    }
