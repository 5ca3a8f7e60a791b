"""Builds correct drafts: their expected rows are those that the query itself returns."""

import json

from coursewright.domain.assignment import Dataset
from coursewright.verification.check_request import SqlCheck
from coursewright.verification.sql import dataset_run

SCHEMA = """
CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT, born INTEGER);
CREATE TABLE book (
  id INTEGER PRIMARY KEY, title TEXT NOT NULL, author_id INTEGER REFERENCES author (id),
  price REAL, sold TEXT CHECK (sold IS date(sold)), pages INTEGER NOT NULL DEFAULT 100,
  UNIQUE (title, author_id)
);
CREATE TABLE member (
  code TEXT PRIMARY KEY, name TEXT COLLATE NOCASE, joined TEXT,
  badge TEXT GENERATED ALWAYS AS (code || ' ' || name) VIRTUAL
) WITHOUT ROWID;
CREATE TABLE loan (
  member TEXT NOT NULL REFERENCES member (code), book_id INTEGER NOT NULL REFERENCES book (id),
  day TEXT NOT NULL, PRIMARY KEY (member, book_id, day)
) STRICT;
CREATE INDEX loan_day ON loan (day);
CREATE VIEW priced AS SELECT title, price FROM book WHERE price IS NOT NULL;
CREATE TRIGGER no_future AFTER INSERT ON loan WHEN NEW.day > '2030'
BEGIN SELECT RAISE(ABORT, 'future'); END;
"""
SEEDS = (
    """
INSERT INTO author VALUES
  (1, 'Ada', 'Bonn', 1950), (2, 'Bo', NULL, 1960), (3, 'Cy', 'Rome', 1950), (4, 'Di', 'Bonn', NULL);
INSERT INTO book VALUES
  (1, 'Loops', 1, 9.5, '2025-01-03', 120), (2, 'Joins', 1, 12, '2025-02-01', 80),
  (3, 'Sets', 2, 12, '2026-01-01', 80), (4, 'Keys', NULL, 3, NULL, 300),
  (5, 'Views', 3, 7.25, '2025-02-01', 120), (6, 'Joins', 3, NULL, '2025-03-09', 55);
INSERT INTO member (code, name, joined) VALUES
  ('m2', 'Zoe', '2024-01-05'), ('m1', 'amir', '2024-02-01'), ('m3', 'Kai', '2024-01-05');
INSERT INTO loan VALUES
  ('m1', 1, '2025-03-01'), ('m1', 2, '2025-03-02'), ('m2', 1, '2025-03-02'),
  ('m2', 5, '2025-03-02'), ('m1', 1, '2025-03-20');
""",
    """
INSERT INTO author VALUES (7, 'Eve', 'Oslo', 1980), (5, 'Flo', 'Oslo', 1980);
INSERT INTO book VALUES
  (9, 'Trees', 5, 1.5, '2024-05-05', 10), (8, 'Heaps', 5, 7, '2025-12-31', 20),
  (11, 'Maps', 7, 20, '2025-06-01', 20);
INSERT INTO member (code, name, joined) VALUES ('x', 'Una', '2024-03-05');
INSERT INTO loan VALUES ('x', 9, '2025-01-01');
""",
)


def correct_draft(
    query: str,
    *,
    is_ordered: bool = False,
    text: str = "",
    schema_sql: str = SCHEMA,
    seeds: tuple[str, ...] = SEEDS,
) -> SqlCheck:
    """Return a draft about a library whose datasets expect what its query returns."""
    return SqlCheck(
        kind="sql",
        schema_sql=schema_sql,
        starter="SELECT 1",
        solution=query,
        ordered=is_ordered,
        datasets=[_dataset(query, schema_sql, seed) for seed in seeds],
        text=text,
    )


def _dataset(query: str, schema_sql: str, seed_sql: str) -> Dataset:
    job = {"schema_sql": schema_sql, "seed_sql": seed_sql, "query": query, "nonce": ""}
    result = json.loads(dataset_run.query(job | {"allows_quoted_text": True}))
    assert result["problem"] is None, result["message"]
    return Dataset(
        name=f"{len(result['rows'])} rows of {len(seed_sql)} characters",
        seed_sql=seed_sql,
        expected_columns=result["columns"],
        expected_rows=result["rows"],
    )
