"""Parts of a query that other databases treat differently are doubts."""

import pytest

from coursewright.domain.evidence import FindingCode, Verdict
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql.check import check_sql
from coursewright.verification.sql.portability_doubts import named_databases
from tests.unit.verification.sql.builders import correct_draft

IDIOM = "SELECT author_id, title, MAX(price) AS p FROM book WHERE id < 3 GROUP BY author_id"
DIFFERENT = {
    FindingCode.BARE_COLUMN: (
        IDIOM,
        "SELECT pages, title FROM book WHERE id IN (1, 4, 9) GROUP BY pages",
        "SELECT a.name, COUNT(*) AS n FROM author a JOIN book b ON a.id = b.author_id "
        "GROUP BY b.author_id",
        "SELECT title, SUM(pages) AS s FROM book WHERE id IN (1, 9)",
        "SELECT pages FROM book GROUP BY pages HAVING price > 5 OR pages < 99",
    ),
    FindingCode.LIKE_IGNORES_CASE: (
        "SELECT title FROM book WHERE title LIKE 'j%'",
        "SELECT title FROM book WHERE title NOT LIKE 'j%'",
        "SELECT title FROM book WHERE lower(title) LIKE 'J%' OR pages < 99",
        "SELECT b.title FROM book b JOIN author a ON b.title LIKE '%' || a.name || '%' "
        "UNION SELECT city FROM author",
    ),
    FindingCode.INTEGER_DIVISION: (
        "SELECT id / 2 AS half FROM book",
        "SELECT SUM(pages) / COUNT(*) AS mean FROM book",
        "SELECT title FROM book WHERE pages / 100 >= 1 OR id > 7",
        "SELECT 7 / 2 + id AS n FROM book",
    ),
    FindingCode.NULL_ORDER: (
        "SELECT title, RANK() OVER (ORDER BY price) AS r FROM book",
        "SELECT name FROM author ORDER BY city, id LIMIT 2",
    ),
    FindingCode.COLUMNS_NOT_NAMED: (
        "SELECT * FROM author",
        "SELECT b.*, 1 AS one FROM book b",
        "WITH all_books AS (SELECT * FROM book) SELECT * FROM all_books",
    ),
    FindingCode.DOUBLE_QUOTED_TEXT: (
        "SELECT name FROM author WHERE city = \"Bonn\" OR city = 'Oslo'",
        'SELECT name, "x" AS mark FROM author',
    ),
}
ALIKE = (
    "SELECT author.name, COUNT(book.id) AS n FROM author LEFT JOIN book "
    "ON book.author_id = author.id GROUP BY author.id",
    "SELECT author_id, TOTAL(price) AS t, MAX(pages) AS p FROM book GROUP BY author_id",
    "SELECT strftime('%Y', sold) AS year, COUNT(*) AS n FROM book GROUP BY year HAVING n > 0",
    "SELECT COUNT(*) FILTER (WHERE pages > 99) AS n FROM book",
    "SELECT title FROM book WHERE lower(title) LIKE 'j%' OR UPPER(title) LIKE '%S'",
    "SELECT title FROM book WHERE sold LIKE '2025-%'",
    "SELECT pages / 2.0 AS half FROM book",
    "SELECT 1.0 * pages / id AS share FROM book",
    "SELECT CAST(pages AS REAL) / 3 AS third FROM book",
    "SELECT price / 2 AS half FROM book",
    "SELECT name FROM author ORDER BY city NULLS LAST, id LIMIT 2",
    "SELECT title FROM book ORDER BY price IS NULL, price, id LIMIT 3",
    "SELECT COUNT(*) AS n FROM book WHERE EXISTS (SELECT * FROM author)",
    "WITH cheap AS (SELECT title, pages FROM book WHERE pages < 99) SELECT * FROM cheap",
    'SELECT b."title" AS "the title" FROM book AS b',
)


@pytest.mark.parametrize(
    ("code", "query"), [(code, query) for code, queries in DIFFERENT.items() for query in queries]
)
def test_a_part_that_other_databases_treat_differently_is_a_remark(
    code: FindingCode, query: str, sql_sandbox: Sandbox
) -> None:
    evidence = check_sql(correct_draft(query), sql_sandbox)

    found = [doubt for doubt in evidence.doubts if doubt.code is code]
    assert [doubt.blocking for doubt in found] == [False]
    assert {reason.code for reason in evidence.reasons} <= {FindingCode.TESTS_TOO_WEAK}


@pytest.mark.parametrize("query", ALIKE)
def test_a_query_that_databases_treat_alike_raises_no_doubt(
    query: str, sql_sandbox: Sandbox
) -> None:
    evidence = check_sql(correct_draft(query), sql_sandbox)

    assert evidence.doubts == ()


def test_a_person_decides_if_the_text_names_a_database_that_differs(sql_sandbox: Sandbox) -> None:
    query = "SELECT title FROM book WHERE title LIKE 'j%'"
    text = "<p>Our PostgreSQL course: list the titles that begin with j.</p>"

    (doubt,) = check_sql(correct_draft(query, text=text), sql_sandbox).doubts

    assert (doubt.code, doubt.blocking) == (FindingCode.LIKE_IGNORES_CASE, True)
    assert doubt.params["databases"] == "PostgreSQL"


def test_a_named_database_that_agrees_changes_nothing(sql_sandbox: Sandbox) -> None:
    query = "SELECT title FROM book WHERE title LIKE 'j%'"

    (doubt,) = check_sql(correct_draft(query, text="<p>For MySQL.</p>"), sql_sandbox).doubts

    assert doubt.blocking is False


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("<p>Use Postgres or MariaDB.</p>", {"PostgreSQL", "MariaDB"}),
        ("<p>SQL Server 2022 and Oracle SQL.</p>", {"SQL Server", "Oracle"}),
        ("<p>Unlike MySQL, SQLite ignores case.</p>", set()),
        ("<p>Anders als in PostgreSQL ist das hier egal.</p>", set()),
        ("<p>The oracle of Delphi keeps a table of questions.</p>", set()),
        ("<p>A shop sells books.</p><table><tr><td>MySQL in a Week</td></tr></table>", set()),
    ],
)
def test_a_text_names_the_databases_to_which_it_applies(text: str, names: set[str]) -> None:
    assert named_databases(text) == names


def test_a_misspelt_name_in_double_quotes_is_still_a_wrong_query(sql_sandbox: Sandbox) -> None:
    draft = correct_draft("SELECT title FROM book").model_copy(
        update={"solution": 'SELECT "titel" AS title FROM book'}
    )

    evidence = check_sql(draft, sql_sandbox)

    assert evidence.verdict is Verdict.REJECTED
    assert [reason.code for reason in evidence.reasons] == [FindingCode.WRONG_ROWS]
