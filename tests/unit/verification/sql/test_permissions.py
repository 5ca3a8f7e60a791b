"""SQL has access to neither a clock nor chance; dates are calculated as by SQLite itself."""

import sqlite3
from contextlib import closing

import pytest

from coursewright.domain.evidence import Cause, Verdict
from coursewright.verification.sandbox.worker_pool import Sandbox
from coursewright.verification.sql.check import check_sql
from coursewright.verification.sql.engine import Database
from tests.unit.verification.sql.builders import SCHEMA, correct_draft
from tests.unit.verification.sql.test_check import DRAFT

DATES = (
    "date('2024-01-31', '+1 month')",
    "datetime('2024-02-28 23:59:59', '+1 second')",
    "time('12:00', '-90 minutes')",
    "julianday('2024-03-01') - julianday('2024-02-01')",
    "strftime('%Y-%m %w %j', '2024-03-01')",
    "strftime('%s', '2024-03-01 10:00')",
    "unixepoch('2024-03-01')",
    "date('2024-03-01', 'weekday 0', 'start of month')",
    "date(2460000.5)",
    "typeof(julianday('2024-03-01'))",
    "date('not a date')",
    "date(NULL)",
    "strftime('%Y', 'now and then')",
)
DATED = (
    SCHEMA
    + """
CREATE TABLE visit (
  day TEXT NOT NULL CHECK (day = date(day)),
  word TEXT DEFAULT 'now',
  since TEXT DEFAULT (date('2020-01-01', '+1 day')),
  month TEXT AS (strftime('%m', day))
);
CREATE INDEX visit_year ON visit (strftime('%Y', day));
CREATE VIEW recent AS SELECT title, date(sold, '+1 day') AS later FROM book WHERE sold > '2025';
CREATE TRIGGER visits AFTER INSERT ON author WHEN NEW.born > 1900
BEGIN INSERT INTO visit (day) VALUES (date(NEW.born || '-01-01')); END;
"""
)


@pytest.mark.parametrize("expression", DATES)
def test_dates_are_calculated_as_in_sqlite(expression: str) -> None:
    with closing(sqlite3.connect(":memory:")) as plain:
        expected = plain.execute(f"SELECT {expression}").fetchone()

    with Database() as database:
        assert database.run(f"SELECT {expression}").rows == [list(expected)]


def test_dates_may_be_used_in_tables_views_and_triggers(sql_sandbox: Sandbox) -> None:
    query = "SELECT later, month, since FROM recent JOIN visit ON strftime('%Y', day) < '2000'"

    evidence = check_sql(correct_draft(query, schema_sql=DATED), sql_sandbox)

    assert evidence.repeatable is True
    assert evidence.solution_passes is True


@pytest.mark.parametrize("word", ["'now'", "'random()'", "'CURRENT_DATE'"])
def test_a_word_that_only_looks_like_the_clock_is_allowed(word: str, sql_sandbox: Sandbox) -> None:
    query = f"SELECT title, {word} AS word FROM book WHERE title <> {word}"

    assert check_sql(correct_draft(query), sql_sandbox).verdict is Verdict.VERIFIED


def test_a_refused_function_is_named(sql_sandbox: Sandbox) -> None:
    schema_sql = f"{DRAFT.schema_sql};CREATE TABLE dice (n INTEGER DEFAULT (randomblob(8)))"

    (reason,) = check_sql(DRAFT.model_copy(update={"schema_sql": schema_sql}), sql_sandbox).reasons

    assert reason.params["error"] == "not authorized to use function: randomblob"


def test_the_clock_is_named_as_the_cause(sql_sandbox: Sandbox) -> None:
    clock = DRAFT.model_copy(update={"solution": "SELECT name, date() AS books FROM author"})

    (reason,) = check_sql(clock, sql_sandbox).reasons

    assert reason.params["cause"] == Cause.CURRENT_TIME
