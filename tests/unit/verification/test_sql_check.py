"""An SQL draft is believed only when its query is right on every dataset."""

from typing import Any

import pytest

from coursewright.verification.contract import (
    Dataset,
    Evidence,
    Fault,
    ReasonCode,
    SqlCheck,
    Verdict,
)
from coursewright.verification.sandbox import Sandbox
from coursewright.verification.sql_check import check_sql

SCHEMA = """
CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE book (title TEXT, author_id INTEGER REFERENCES author (id), price REAL);
"""
SOLUTION = """
SELECT author.name, COUNT(book.title) AS books
FROM author LEFT JOIN book ON book.author_id = author.id
GROUP BY author.id
"""
SHELF = Dataset(
    name="a small shelf",
    seed_sql="INSERT INTO author VALUES (1, 'Ada'), (2, 'Bo');"
    "INSERT INTO book VALUES ('Loops', 1, 9.5), ('Joins', 1, 12);",
    expected_columns=["name", "books"],
    expected_rows=[["Bo", 0], ["Ada", 2]],
)
NOBODY = Dataset(name="nobody", seed_sql="", expected_columns=["name", "books"], expected_rows=[])
DRAFT = SqlCheck(
    kind="sql",
    schema_sql=SCHEMA,
    starter="SELECT name FROM author",
    solution=SOLUTION,
    datasets=[SHELF, NOBODY],
)


def changed(**parts: Any) -> SqlCheck:
    return DRAFT.model_copy(update=parts)


def codes(evidence: Evidence) -> set[ReasonCode]:
    return {reason.code for reason in evidence.reasons}


def test_an_honest_query_is_verified_on_every_dataset(sql_sandbox: Sandbox) -> None:
    evidence = check_sql(DRAFT, sql_sandbox)

    assert evidence.verdict is Verdict.VERIFIED
    assert evidence.tests_run == 2
    assert (evidence.solution_passes, evidence.starter_fails, evidence.repeatable) == (True,) * 3


def test_a_wrong_query_is_rejected_with_the_rows_that_differ(sql_sandbox: Sandbox) -> None:
    evidence = check_sql(changed(solution=SOLUTION.replace("LEFT JOIN", "JOIN")), sql_sandbox)

    assert codes(evidence) == {ReasonCode.WRONG_ROWS}
    assert evidence.fault is Fault.SOLUTION
    assert "not returned: [['Bo', 0]]" in evidence.failures[0].message


def test_other_column_names_are_wrong_columns(sql_sandbox: Sandbox) -> None:
    evidence = check_sql(changed(solution=SOLUTION.replace("AS books", "AS total")), sql_sandbox)

    assert ReasonCode.WRONG_COLUMNS in codes(evidence)


def test_a_starter_that_is_right_leaves_nothing_to_do(sql_sandbox: Sandbox) -> None:
    evidence = check_sql(changed(starter=SOLUTION), sql_sandbox)

    assert codes(evidence) == {ReasonCode.STARTER_PASSES}
    assert evidence.starter_fails is False


@pytest.mark.parametrize("datasets", [[SHELF], [SHELF, SHELF]])
def test_one_dataset_is_not_enough(datasets: list[Dataset], sql_sandbox: Sandbox) -> None:
    evidence = check_sql(changed(datasets=datasets), sql_sandbox)

    assert codes(evidence) == {ReasonCode.TOO_FEW_DATASETS}
    assert evidence.fault is Fault.TESTS


def test_datasets_that_expect_nothing_check_nothing(sql_sandbox: Sandbox) -> None:
    empty = NOBODY.model_copy(update={"seed_sql": "DELETE FROM author", "name": "emptied"})

    evidence = check_sql(changed(datasets=[NOBODY, empty]), sql_sandbox)

    assert ReasonCode.STUB_PASSES in codes(evidence)


def test_order_counts_only_if_the_task_asks_for_it(sql_sandbox: Sandbox) -> None:
    unordered = check_sql(DRAFT, sql_sandbox)
    ordered = check_sql(changed(ordered=True), sql_sandbox)

    assert unordered.verdict is Verdict.VERIFIED
    assert ReasonCode.WRONG_ROWS in codes(ordered)


def test_an_order_that_comes_from_insertion_is_chance(sql_sandbox: Sandbox) -> None:
    dataset = SHELF.model_copy(
        update={"expected_columns": ["title"], "expected_rows": [["Loops"], ["Joins"]]}
    )
    nobody = NOBODY.model_copy(update={"expected_columns": ["title"]})
    draft = changed(ordered=True, solution="SELECT title FROM book", datasets=[dataset, nobody])

    evidence = check_sql(draft, sql_sandbox)

    assert codes(evidence) == {ReasonCode.NOT_REPEATABLE}
    assert evidence.solution_passes is True


@pytest.mark.parametrize(
    ("parts", "code", "fault"),
    [
        ({"schema_sql": "CREATE TABEL x"}, ReasonCode.SCHEMA_DOES_NOT_LOAD, Fault.STARTER),
        (
            {"datasets": [SHELF.model_copy(update={"seed_sql": "INSERT INTO x"}), NOBODY]},
            ReasonCode.DATASET_DOES_NOT_LOAD,
            Fault.TESTS,
        ),
        ({"solution": "SELECT nothing"}, ReasonCode.SOLUTION_DOES_NOT_LOAD, Fault.SOLUTION),
    ],
)
def test_what_does_not_load_is_laid_at_the_right_door(
    parts: dict[str, Any], code: ReasonCode, fault: Fault, sql_sandbox: Sandbox
) -> None:
    evidence = check_sql(changed(**parts), sql_sandbox)

    assert codes(evidence) == {code}
    assert evidence.fault is fault


NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n{stop}) "
ATTACKS = {
    "ATTACH": ("ATTACH '/tmp/x.db' AS x", ReasonCode.SQL_NOT_ALLOWED),
    "PRAGMA": ("PRAGMA writable_schema = 1", ReasonCode.SQL_NOT_ALLOWED),
    "DDL": ("DROP TABLE author", ReasonCode.SQL_NOT_ALLOWED),
    "a write": ("DELETE FROM author", ReasonCode.SQL_NOT_ALLOWED),
    "VACUUM INTO": ("VACUUM INTO '/tmp/x.db'", ReasonCode.SQL_NOT_ALLOWED),
    "the schema table": ("SELECT sql FROM sqlite_master", ReasonCode.SQL_NOT_ALLOWED),
    "load_extension": ("SELECT load_extension('/tmp/x.so')", ReasonCode.SQL_NOT_ALLOWED),
    "several statements": ("SELECT 1; SELECT 2", ReasonCode.SQL_NOT_ALLOWED),
    "endless recursion": (
        NUMBERS.format(stop="") + "SELECT sum(i) FROM n",
        ReasonCode.TIMED_OUT,
    ),
    "cross joins": (
        NUMBERS.format(stop=" WHERE i < 9999") + "SELECT count(*) FROM n a, n b, n c",
        ReasonCode.TIMED_OUT,
    ),
    "rows without end": (NUMBERS.format(stop="") + "SELECT i FROM n", ReasonCode.TIMED_OUT),
    "huge strings": (
        NUMBERS.format(stop=" WHERE i < 999999")
        + "SELECT group_concat(printf('%099d', i), '') FROM n",
        ReasonCode.SOLUTION_DOES_NOT_LOAD,
    ),
    "a backtracking pattern": (
        f"SELECT '{'a' * 20_000}' LIKE '{'%a' * 450}b'",
        None,
    ),
}


@pytest.mark.parametrize(("query", "code"), ATTACKS.values(), ids=ATTACKS.keys())
def test_an_attack_is_refused_and_the_next_check_is_right(
    query: str, code: ReasonCode | None, sql_sandbox: Sandbox
) -> None:
    evidence = check_sql(changed(solution=query), sql_sandbox)
    afterwards = check_sql(DRAFT, sql_sandbox)

    assert evidence.verdict is Verdict.REJECTED
    assert code is None or codes(evidence) == {code}
    assert afterwards.verdict is Verdict.VERIFIED
