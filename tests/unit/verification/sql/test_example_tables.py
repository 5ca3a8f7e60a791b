"""A text's example tables are loaded, the query runs on them, and the results are compared."""

import json
from typing import Any

import pytest

from coursewright.domain.assignment import Dataset
from coursewright.domain.evidence import Evidence, FindingCode, RepairTarget, Verdict
from coursewright.verification.check_request import SqlCheck
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql.example_tables import check_examples
from coursewright.verification.sql.examples_host import with_example_tables
from coursewright.verification.task_text import read_text

SCHEMA = """
CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE book (title TEXT, author_id INTEGER REFERENCES author (id), price REAL);
"""
QUERY = """
SELECT author.name, COUNT(book.title) AS books, AVG(price) AS mean
FROM author LEFT JOIN book ON book.author_id = author.id
GROUP BY author.id ORDER BY author.name
"""


def table(header: str, *rows: str) -> str:
    lines = ["".join(f"<td>{cell.strip()}</td>" for cell in row.split("|")) for row in rows]
    head = "".join(f"<th>{name.strip()}</th>" for name in header.split("|"))
    return (
        "<table><tr>" + head + "</tr>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"
    )


AUTHORS = "<p>Table author:</p>" + table("id | name", "1 | Ada", "2 | Bo")
BOOKS = "<p>Table <code>book</code>:</p>" + table(
    "title | author_id | price", "Loops | 1 | 9.5", "Joins | 1 | 12", "Lost | NULL | 3"
)
RIGHT = "<p>Result:</p>" + table("name | books | mean", "Ada | 2 | 10.75", "Bo | 0 | NULL")
WRONG = RIGHT.replace("<td>2</td>", "<td>3</td>")


def job(text: str, **changes: Any) -> dict[str, Any]:
    parts = {"schema_sql": SCHEMA, "query": QUERY, "is_ordered": True, "nonce": "n"}
    pieces = [piece.model_dump(mode="json") for piece in read_text(text)]
    return parts | {"allows_quoted_text": False, "pieces": pieces} | changes


def checked(text: str, **changes: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(check_examples(job(text, **changes)))
    return answer


def test_a_stated_result_is_compared_with_the_querys() -> None:
    right, wrong = checked(AUTHORS + BOOKS + RIGHT), checked(AUTHORS + BOOKS + WRONG)

    assert (right["compared"], right["contradictions"]) == (1, [])
    assert wrong["contradictions"] == [
        {"stated": "(Ada, 3, 10.75), (Bo, 0, NULL)", "actual": "(Ada, 2, 10.75), (Bo, 0, NULL)"}
    ]


@pytest.mark.parametrize(
    "change",
    [("Ada | 2 | 10.75", "Bo | 0 | NULL"), ("Ada | 2 | 10.8", "Bo | 0 | –")],
)
def test_numbers_are_compared_as_they_are_written(change: tuple[str, str]) -> None:
    result = "<p>Result:</p>" + table("name | books | mean", *change)

    assert checked(AUTHORS + BOOKS + result) == {"nonce": "n", "compared": 1, "contradictions": []}


def test_the_order_of_rows_counts_only_if_it_is_requested() -> None:
    turned = "<p>Result:</p>" + table("name | books | mean", "Bo | 0 | NULL", "Ada | 2 | 10.75")
    text = AUTHORS + BOOKS + turned

    assert len(checked(text)["contradictions"]) == 1
    assert checked(text, is_ordered=False)["contradictions"] == []


def test_a_missing_row_is_a_contradiction() -> None:
    short = "<p>Result:</p>" + table("name | books | mean", "Ada | 2 | 10.75")

    assert len(checked(AUTHORS + BOOKS + short)["contradictions"]) == 1


def test_rows_may_be_given_as_insert_statements() -> None:
    insert = (
        "<pre>INSERT INTO author VALUES (1, 'Ada');\n"
        "INSERT INTO book VALUES ('Loops', 1, 4), ('Joins', 1, 6);</pre>"
    )
    results = [table("name | books | mean", f"Ada | {number} | 5.0") for number in (2, 1)]

    assert [len(checked(insert + each)["contradictions"]) for each in results] == [0, 1]


def test_tables_may_be_drawn_with_characters() -> None:
    drawn = """
author:
```
id | name
---+-----
1  | Ada
```
book:
```
title | author_id | price
Loops | 1         | 4
```
Result:
```
| name | books | mean |
|------|-------|------|
| Ada  | 2     | 4.0  |
```
"""

    assert len(checked(drawn)["contradictions"]) == 1
    assert checked(drawn.replace("| 2     |", "| 1     |"))["compared"] == 1


@pytest.mark.parametrize(
    "text",
    [
        WRONG,
        AUTHORS + WRONG,
        AUTHORS + BOOKS.replace("Lost", "…") + WRONG,
        AUTHORS + BOOKS + WRONG.replace("NULL", "…"),
        AUTHORS + BOOKS + WRONG.replace("books", "number"),
        AUTHORS + BOOKS.replace("NULL", "") + WRONG,
        AUTHORS + BOOKS + table("column | meaning", "books | how many") + WRONG,
    ],
    ids=["no rows", "one table only", "rows left out", "result left out", "other columns",
         "blank cell", "a table in between"],
)  # fmt: skip
def test_an_unclear_example_is_left_out(text: str) -> None:
    assert checked(text)["compared"] == 0


def test_a_table_with_the_results_columns_is_told_apart_by_its_caption() -> None:
    query = "SELECT id, name FROM author WHERE id > 1"
    given, result = table("id | name", "1 | Ada", "2 | Bo"), table("id | name", "1 | Ada")

    found = checked(f"<p>Table author:</p>{given}<p>Result:</p>{result}", query=query)

    assert found["contradictions"] == [{"stated": "(1, Ada)", "actual": "(2, Bo)"}]


def test_a_contradiction_rejects_the_draft(sql_sandbox: Sandbox) -> None:
    dataset = Dataset(name="a", seed_sql="", expected_columns=(), expected_rows=())
    check = SqlCheck(
        kind="sql",
        schema_sql=SCHEMA,
        starter="",
        solution=QUERY,
        ordered=True,
        datasets=(dataset,),
        text=AUTHORS + BOOKS + WRONG,
    )
    good = Evidence(verdict=Verdict.VERIFIED, solution_passes=True)

    evidence = with_example_tables(good, check, sql_sandbox)

    assert [each.code for each in evidence.reasons] == [FindingCode.EXAMPLE_TABLE_CONTRADICTS]
    assert (evidence.verdict, evidence.fault) == (Verdict.REJECTED, RepairTarget.SOLUTION)
