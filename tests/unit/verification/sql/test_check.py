"""An SQL draft is verified only if its query is correct for every dataset."""

from typing import Any

import pytest

from coursewright.domain.assignment import Dataset
from coursewright.domain.evidence import Evidence, FindingCode, RepairTarget, Verdict
from coursewright.markup.evidence_text import finding_text
from coursewright.verification.check_request import SqlCheck
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql.check import check_sql
from tests.unit.verification.sql.attacks import ATTACKS, SqlAttack

SCHEMA = """
CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE book (title TEXT, author_id INTEGER REFERENCES author (id), price REAL);
"""
SOLUTION = """
SELECT author.name, COUNT(book.title) AS books
FROM author LEFT JOIN book ON book.author_id = author.id
GROUP BY author.id
"""
AUTHORS = Dataset(
    name="a small shelf",
    seed_sql="INSERT INTO author VALUES (1, 'Ada'), (2, 'Bo');"
    "INSERT INTO book VALUES ('Loops', 1, 9.5), ('Joins', 1, 12);",
    expected_columns=["name", "books"],
    expected_rows=[["Bo", 0], ["Ada", 2]],
)
NO_AUTHORS = Dataset(
    name="nobody", seed_sql="", expected_columns=["name", "books"], expected_rows=[]
)
DRAFT = SqlCheck(
    kind="sql",
    schema_sql=SCHEMA,
    starter="SELECT name FROM author",
    solution=SOLUTION,
    datasets=[AUTHORS, NO_AUTHORS],
)


def changed(**parts: Any) -> SqlCheck:
    return DRAFT.model_copy(update=parts)


def codes(evidence: Evidence) -> set[FindingCode]:
    return {reason.code for reason in evidence.reasons}


def test_a_lesson_for_another_database_is_noted_without_rejection(
    sql_sandbox: Sandbox,
) -> None:
    lesson = "<p>Similar words.</p><pre>SELECT name FROM author WHERE name ILIKE 'a%'</pre>"

    evidence = check_sql(changed(lesson=lesson), sql_sandbox)

    assert evidence.verdict is Verdict.VERIFIED
    (doubt,) = evidence.doubts
    assert (doubt.code, doubt.blocking) == (FindingCode.LESSON_USES_OTHER_DIALECT, False)
    assert (doubt.params["construct"], doubt.params["dialect"]) == ("ILIKE", "PostgreSQL")


def test_an_honest_query_is_verified_on_every_dataset(sql_sandbox: Sandbox) -> None:
    evidence = check_sql(DRAFT, sql_sandbox)

    assert evidence.verdict is Verdict.VERIFIED
    assert evidence.tests_run == 2
    assert (evidence.solution_passes, evidence.starter_fails, evidence.repeatable) == (True,) * 3


def test_a_wrong_query_is_rejected_with_the_differing_rows(sql_sandbox: Sandbox) -> None:
    evidence = check_sql(changed(solution=SOLUTION.replace("LEFT JOIN", "JOIN")), sql_sandbox)

    assert codes(evidence) == {FindingCode.WRONG_ROWS}
    assert evidence.fault is RepairTarget.SOLUTION
    assert evidence.failures[0].params["missing"] == ("('Bo', 0)",)


def test_different_column_names_are_rejected(sql_sandbox: Sandbox) -> None:
    evidence = check_sql(changed(solution=SOLUTION.replace("AS books", "AS total")), sql_sandbox)

    assert FindingCode.WRONG_COLUMNS in codes(evidence)


def test_a_correct_starter_is_rejected(sql_sandbox: Sandbox) -> None:
    evidence = check_sql(changed(starter=SOLUTION), sql_sandbox)

    assert codes(evidence) == {FindingCode.STARTER_PASSES}
    assert evidence.starter_fails is False


@pytest.mark.parametrize("datasets", [[AUTHORS], [AUTHORS, AUTHORS]])
def test_one_dataset_is_not_enough(datasets: list[Dataset], sql_sandbox: Sandbox) -> None:
    evidence = check_sql(changed(datasets=datasets), sql_sandbox)

    assert codes(evidence) == {FindingCode.TOO_FEW_DATASETS}
    assert evidence.fault is RepairTarget.TESTS


def test_datasets_without_expected_rows_are_rejected(sql_sandbox: Sandbox) -> None:
    empty = NO_AUTHORS.model_copy(update={"seed_sql": "DELETE FROM author", "name": "emptied"})

    evidence = check_sql(changed(datasets=[NO_AUTHORS, empty]), sql_sandbox)

    assert FindingCode.STUB_PASSES in codes(evidence)


def test_row_order_matters_only_if_the_task_requires_it(sql_sandbox: Sandbox) -> None:
    by_name = SOLUTION + " ORDER BY author.name"
    unordered = check_sql(changed(solution=by_name), sql_sandbox)
    ordered = check_sql(changed(solution=by_name, ordered=True), sql_sandbox)

    assert unordered.verdict is Verdict.VERIFIED
    assert FindingCode.WRONG_ROWS in codes(ordered)


def test_insertion_order_does_not_replace_order_by(sql_sandbox: Sandbox) -> None:
    dataset = AUTHORS.model_copy(
        update={"expected_columns": ["title"], "expected_rows": [["Loops"], ["Joins"]]}
    )
    nobody = NO_AUTHORS.model_copy(update={"expected_columns": ["title"]})
    draft = changed(ordered=True, solution="SELECT title FROM book", datasets=[dataset, nobody])

    evidence = check_sql(draft, sql_sandbox)

    assert codes(evidence) == {FindingCode.ORDER_MISSING}
    assert evidence.solution_passes is True
    assert evidence.fault is RepairTarget.SOLUTION


def test_order_by_in_a_subquery_does_not_count(sql_sandbox: Sandbox) -> None:
    inner = f"SELECT * FROM ({SOLUTION} ORDER BY author.name DESC)"

    evidence = check_sql(changed(solution=inner, ordered=True), sql_sandbox)

    assert codes(evidence) == {FindingCode.ORDER_MISSING}


def test_one_row_needs_no_order(sql_sandbox: Sandbox) -> None:
    counted = Dataset(
        name="a small shelf",
        seed_sql=AUTHORS.seed_sql,
        expected_columns=["books"],
        expected_rows=[[2]],
    )
    nobody = counted.model_copy(update={"name": "nobody", "seed_sql": "", "expected_rows": [[0]]})
    solution = "SELECT COUNT(*) AS books FROM book"

    draft = changed(ordered=True, solution=solution, datasets=[counted, nobody])

    assert check_sql(draft, sql_sandbox).verdict is Verdict.VERIFIED


def test_rows_that_depend_on_insertion_order_are_not_repeatable(sql_sandbox: Sandbox) -> None:
    titles = Dataset(
        name="a small shelf",
        seed_sql=AUTHORS.seed_sql,
        expected_columns=["title"],
        expected_rows=[["Loops"]],
    )
    nobody = titles.model_copy(update={"name": "nobody", "seed_sql": "", "expected_rows": []})
    draft = changed(solution="SELECT title FROM book LIMIT 1", datasets=[titles, nobody])

    assert FindingCode.NOT_REPEATABLE in codes(check_sql(draft, sql_sandbox))


def test_datasets_without_edge_rows_are_rejected(sql_sandbox: Sandbox) -> None:
    other = Dataset(
        name="another shelf",
        seed_sql="INSERT INTO author VALUES (7, 'Eve');"
        "INSERT INTO book VALUES ('Keys', 7, 3), ('Views', 7, 4);",
        expected_columns=["name", "books"],
        expected_rows=[["Eve", 2]],
    )

    evidence = check_sql(changed(datasets=[AUTHORS, other]), sql_sandbox)

    assert codes(evidence) == {FindingCode.NO_EDGE_ROWS}
    assert evidence.fault is RepairTarget.TESTS


TIE = "INSERT INTO author VALUES (7, 'Eve'); INSERT INTO book VALUES ('Keys', 7, 3), ('Keys', 7, 4)"
NULL = (
    "INSERT INTO author VALUES (7, 'Eve'); INSERT INTO book VALUES ('Keys', 7, 3), ('A', 7, NULL)"
)


@pytest.mark.parametrize("seed_sql", [TIE, NULL], ids=["a tie", "a NULL"])
def test_a_tie_or_a_null_is_an_edge_row(seed_sql: str, sql_sandbox: Sandbox) -> None:
    edge = Dataset(
        name="edge",
        seed_sql=seed_sql,
        expected_columns=["name", "books"],
        expected_rows=[["Eve", 2]],
    )

    evidence = check_sql(changed(datasets=[AUTHORS, edge]), sql_sandbox)

    assert FindingCode.NO_EDGE_ROWS not in codes(evidence)


def test_mutants_of_the_query_are_killed(sql_sandbox: Sandbox) -> None:
    evidence = check_sql(DRAFT, sql_sandbox)

    assert evidence.mutants.killed >= 2
    assert evidence.mutants.survivors == ("DISTINCT is added",)


def test_datasets_that_most_mutants_survive_are_too_weak(sql_sandbox: Sandbox) -> None:
    solution = (
        "SELECT author.name, COUNT(*) AS books FROM author JOIN book ON book.author_id = author.id "
        "WHERE book.price >= 5 AND book.title LIKE 'L%' GROUP BY author.id HAVING COUNT(*) >= 1"
    )
    seed = "INSERT INTO author VALUES (1, 'Ada'); INSERT INTO book VALUES ('Loops', 1, 9.5);"
    shelf = AUTHORS.model_copy(update={"seed_sql": seed, "expected_rows": [["Ada", 1]]})
    draft = changed(solution=solution, datasets=[shelf, NO_AUTHORS])

    evidence = check_sql(draft, sql_sandbox)

    assert codes(evidence) == {FindingCode.TESTS_TOO_WEAK}
    assert evidence.fault is RepairTarget.TESTS
    assert any(
        "book.price >= 5 becomes book.price > 5" in survivor
        for survivor in evidence.mutants.survivors
    )


def test_a_mutant_that_keys_make_equivalent_is_not_counted(sql_sandbox: Sandbox) -> None:
    schema = SCHEMA.replace("name TEXT NOT NULL", "name TEXT NOT NULL UNIQUE")

    evidence = check_sql(changed(schema_sql=schema), sql_sandbox)

    assert evidence.mutants.survivors == ()
    assert evidence.mutants.killed == evidence.mutants.total > 0


@pytest.mark.parametrize(
    ("parts", "words", "fault"),
    [
        (
            {"solution": "SELECT name FROM author WHERE name ILIKE 'a%'"},
            "ILIKE is PostgreSQL syntax",
            "s",
        ),
        (
            {"solution": "SELECT DATE_FORMAT(name, '%Y') FROM author"},
            "DATE_FORMAT(…) is MySQL syntax",
            "s",
        ),
        ({"solution": "SELECT id::text FROM author"}, ":: is PostgreSQL syntax", "s"),
        (
            {"schema_sql": "CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB"},
            "AUTO_INCREMENT is MySQL syntax; in SQLite, use INTEGER PRIMARY KEY",
            "a",
        ),
    ],
)
def test_sql_of_another_database_is_reported_with_its_replacement(
    parts: dict[str, Any], words: str, fault: str, sql_sandbox: Sandbox
) -> None:
    evidence = check_sql(changed(**parts), sql_sandbox)

    assert codes(evidence) == {FindingCode.OTHER_DIALECT}
    assert words in finding_text(evidence.reasons[0])
    assert evidence.fault is (RepairTarget.SOLUTION if fault == "s" else RepairTarget.NONE)


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ("<p>Use <code>ILIKE</code>.</p>", ["ILIKE is PostgreSQL syntax"]),
        (
            "<pre>SELECT DATE_FORMAT(day, '%Y')\\nFROM trip</pre>",
            ["DATE_FORMAT(…) is MySQL syntax"],
        ),
        ("<pre><code>SELECT price::int FROM book</code></pre>", [":: is PostgreSQL syntax"]),
        ("<p>The top of the interval (left or right) is an enum.</p>", []),
        ("<p>Column <code>interval_days</code> of <code>book</code>; NULL is allowed.</p>", []),
    ],
)
def test_a_text_for_another_database_is_noted(
    text: str, noted: list[str], sql_sandbox: Sandbox
) -> None:
    evidence = check_sql(changed(text=text), sql_sandbox)

    assert evidence.verdict is Verdict.VERIFIED
    doubts = [finding_text(doubt) for doubt in evidence.doubts]
    assert len(doubts) == len(noted)
    assert all(words in doubt for words, doubt in zip(noted, doubts, strict=True))


@pytest.mark.parametrize("query", ["", "  \n", "-- nothing yet", "/* nothing */"])
def test_a_missing_query_is_rejected(query: str, sql_sandbox: Sandbox) -> None:
    assert codes(check_sql(changed(solution=query), sql_sandbox)) == {FindingCode.NO_QUERY}


@pytest.mark.parametrize(
    "query",
    [
        SOLUTION.replace("\n", "\r\n"),
        SOLUTION + ";",
        SOLUTION + "-- größer als ∅\n",
        "-- " + "x" * 190_000 + "\n" + SOLUTION,
    ],
    ids=["Windows line ends", "a semicolon", "beyond ASCII", "190 KB"],
)
def test_unusual_but_correct_queries_are_verified(query: str, sql_sandbox: Sandbox) -> None:
    assert check_sql(changed(solution=query), sql_sandbox).verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    "query",
    [
        SOLUTION.replace("GROUP BY", "WHERE author.name IN ('Ada', 'Bo') GROUP BY"),
        SOLUTION.replace("author.name,", "COALESCE(author.name, 'Bo') AS name,"),
        SOLUTION.replace("author.name,", "CASE WHEN 1 THEN author.name ELSE 'Bo' END AS name,"),
    ],
)
def test_literals_from_the_data_in_a_query_are_allowed(query: str, sql_sandbox: Sandbox) -> None:
    assert FindingCode.ANSWER_WRITTEN_IN not in codes(
        check_sql(changed(solution=query), sql_sandbox)
    )


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_rejected_and_does_not_affect_the_next_check(
    attack: SqlAttack, sql_sandbox: Sandbox
) -> None:
    evidence = check_sql(attack.on(DRAFT), sql_sandbox)
    afterwards = check_sql(DRAFT, sql_sandbox)

    assert evidence.verdict is Verdict.REJECTED
    assert attack.code is None or codes(evidence) == {attack.code}
    assert afterwards.verdict is Verdict.VERIFIED


@pytest.mark.parametrize(
    ("parts", "code", "fault"),
    [
        ({"schema_sql": "CREATE TABEL x"}, FindingCode.SCHEMA_DOES_NOT_LOAD, RepairTarget.NONE),
        (
            {"datasets": [AUTHORS.model_copy(update={"seed_sql": "INSERT INTO x"}), NO_AUTHORS]},
            FindingCode.DATASET_DOES_NOT_LOAD,
            RepairTarget.TESTS,
        ),
        ({"solution": "SELECT nothing"}, FindingCode.SOLUTION_DOES_NOT_LOAD, RepairTarget.SOLUTION),
    ],
)
def test_sql_that_does_not_load_is_attributed_to_the_right_part(
    parts: dict[str, Any], code: FindingCode, fault: RepairTarget, sql_sandbox: Sandbox
) -> None:
    evidence = check_sql(changed(**parts), sql_sandbox)

    assert codes(evidence) == {code}
    assert evidence.fault is fault
