"""Hostile or dishonest SQL; each attack must be rejected without affecting the next check."""

from dataclasses import dataclass, field
from typing import Any

from coursewright.domain.assignment import Dataset
from coursewright.domain.evidence import FindingCode
from coursewright.verification.check_request import SqlCheck

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n{stop}) "
INSERT = "INSERT INTO book VALUES "
ENDLESS = NUMBERS.format(stop="")
REFUSED = FindingCode.SQL_NOT_ALLOWED
CLOCK = FindingCode.NOT_REPEATABLE


@dataclass(frozen=True)
class SqlAttack:
    """Changes to a draft that attack the sandbox, with the expected rejection reason if fixed."""

    name: str
    code: FindingCode | None = None
    solution: str = ""
    schema_sql: str = ""
    seed_sql: str = ""
    parts: dict[str, Any] = field(default_factory=dict)

    def on(self, draft: SqlCheck) -> SqlCheck:
        """Return an honest draft with the attack inserted."""
        parts = dict(self.parts)
        if self.solution:
            parts["solution"] = self.solution
        if self.schema_sql:
            parts["schema_sql"] = f"{draft.schema_sql};{self.schema_sql}"
        if self.seed_sql:
            first, *others = draft.datasets
            parts["datasets"] = [
                first.model_copy(update={"seed_sql": f"{first.seed_sql};{self.seed_sql}"}),
                *others,
            ]
        return draft.model_copy(update=parts)


def _query(name: str, solution: str, code: FindingCode | None = REFUSED) -> SqlAttack:
    return SqlAttack(name=name, solution=solution, code=code)


HARD_CODED = Dataset(
    name="hard-coded", seed_sql="", expected_columns=["name", "books"], expected_rows=[["Bo", 0]]
)
ATTACKS: tuple[SqlAttack, ...] = (
    _query("ATTACH", "ATTACH '/tmp/x.db' AS x"),
    _query("DETACH", "DETACH main"),
    _query("PRAGMA", "PRAGMA writable_schema = 1"),
    _query("a pragma function", "SELECT * FROM pragma_table_info('author')"),
    _query("DROP", "DROP TABLE author"),
    _query("CREATE", "CREATE TABLE x AS SELECT * FROM author"),
    _query("a temporary trigger", "CREATE TEMP TRIGGER t AFTER INSERT ON book BEGIN SELECT 1; END"),
    _query("DELETE", "DELETE FROM author"),
    _query("INSERT", "INSERT INTO author VALUES (9, 'Eve')"),
    _query("UPDATE with RETURNING", "UPDATE author SET name = 'x' RETURNING name, id"),
    _query("BEGIN", "BEGIN EXCLUSIVE"),
    _query("VACUUM INTO", "VACUUM INTO '/tmp/x.db'"),
    _query("the schema table", "SELECT sql FROM sqlite_master"),
    _query("the schema table in a subquery", "SELECT (SELECT sql FROM sqlite_schema LIMIT 1)"),
    _query("load_extension", "SELECT load_extension('/tmp/x.so')"),
    _query("reading a file", "SELECT readfile('/etc/passwd')", None),
    _query("fts3_tokenizer", "SELECT fts3_tokenizer('x')", None),
    _query("random numbers", "SELECT name, abs(random() % 2) AS books FROM author"),
    _query("zeroblob", "SELECT zeroblob(1000000000)"),
    _query("several statements", "SELECT 1; SELECT 2"),
    _query("a write after a query", "SELECT 1; DELETE FROM author"),
    _query("endless recursion", ENDLESS + "SELECT sum(i) FROM n", FindingCode.TIMED_OUT),
    _query("endless rows", ENDLESS + "SELECT i FROM n", FindingCode.TIMED_OUT),
    _query(
        "cross joins",
        NUMBERS.format(stop=" WHERE i < 9999") + "SELECT count(*) FROM n a, n b, n c",
        FindingCode.TIMED_OUT,
    ),
    _query(
        "huge strings",
        NUMBERS.format(stop=" WHERE i < 20000")
        + "SELECT group_concat(printf('%099d', i), '') FROM n",
        FindingCode.SOLUTION_DOES_NOT_LOAD,
    ),
    _query("a wide printf", "SELECT printf('%999999999d', 1)", None),
    _query(
        "a doubling string",
        "WITH RECURSIVE s(t) AS (SELECT 'ab' UNION ALL SELECT t || t FROM s) SELECT t FROM s",
        None,
    ),
    _query("a backtracking pattern", f"SELECT '{'a' * 20_000}' LIKE '{'%a' * 450}b'", None),
    _query("deeply nested parentheses", f"SELECT {'(' * 5_000}1{')' * 5_000}", None),
    _query("a thousand tables", "SELECT 1 FROM " + ", ".join(["author"] * 1_000), None),
    _query("a thousand unions", " UNION ALL ".join(["SELECT 1"] * 1_000), None),
    _query("an unterminated string", "SELECT 'x", None),
    _query("a NUL character", "SELECT 1\0; DROP TABLE author", None),
    *(
        _query(f"the clock: {expression}", f"SELECT name, {expression} AS books FROM author", CLOCK)
        for expression in (
            "date('now')",
            "date('NOW')",
            "datetime('n' || 'ow')",
            "time(lower('NoW'))",
            "date(x'6e6f77')",
            "date(char(110, 111, 119))",
            "datetime('now', 'start of year')",
            "julianday()",
            "date()",
            "strftime('%Y')",
            "strftime('%Y', 'now')",
            "CURRENT_DATE",
            "CURRENT_TIME",
            "current_timestamp",
        )
    ),
    *(
        _query(f"the time zone: {way}", f"SELECT name, {call} AS books FROM author", CLOCK)
        for way, call in (
            ("localtime", "time('2024-03-01 12:00', 'localtime')"),
            ("utc", "time('2024-03-01 12:00', 'u' || 'tc')"),
        )
    ),
    _query(
        "the clock in a condition that is never shown",
        "SELECT name, 0 AS books FROM author WHERE date('now') > '2000'",
        CLOCK,
    ),
    _query(
        "a hard-coded result",
        "SELECT column1 AS name, column2 AS books FROM (VALUES ('Bo', 0), ('Ada', 2))",
        None,
    ),
    SqlAttack(
        "a hard-coded result without tables",
        FindingCode.READS_NO_TABLE,
        solution="SELECT 'Bo' AS name, 0 AS books",
        parts={
            "datasets": [HARD_CODED, HARD_CODED.model_copy(update={"seed_sql": "DELETE FROM book"})]
        },
    ),
    _query(
        "a hard-coded result for each dataset",
        "SELECT 'Bo' AS name, 0 AS books WHERE EXISTS (SELECT 1 FROM author) "
        "UNION ALL SELECT 'Ada', 2 WHERE EXISTS (SELECT 1 FROM author)",
        FindingCode.ANSWER_WRITTEN_IN,
    ),
    SqlAttack("ATTACH in the tables", REFUSED, schema_sql="ATTACH '/tmp/x.db' AS x"),
    SqlAttack("PRAGMA in the tables", REFUSED, schema_sql="PRAGMA hard_heap_limit = 0"),
    SqlAttack("a virtual table", REFUSED, schema_sql="CREATE VIRTUAL TABLE v USING fts5(a)"),
    SqlAttack("DDL in a dataset", REFUSED, seed_sql="DROP TABLE book"),
    SqlAttack("PRAGMA in a dataset", REFUSED, seed_sql="PRAGMA max_page_count = 1000000000"),
    SqlAttack(
        "an endless dataset",
        None,
        seed_sql=f"INSERT INTO book SELECT 'x', 1, i FROM ({ENDLESS}SELECT i FROM n)",
    ),
    SqlAttack(
        "a view of the schema",
        None,
        schema_sql="CREATE VIEW v AS SELECT sql FROM sqlite_master",
        solution="SELECT * FROM v",
    ),
    SqlAttack(
        "a recursive trigger",
        None,
        schema_sql="CREATE TRIGGER t AFTER INSERT ON book BEGIN "
        "INSERT INTO book SELECT title, author_id, price FROM book; END",
    ),
    SqlAttack(
        "the clock through a stored word",
        CLOCK,
        seed_sql="INSERT INTO book VALUES ('now', 1, 1)",
        solution="SELECT title AS name, date(title) AS books FROM book",
    ),
    SqlAttack(
        "the clock through a default that holds a word",
        CLOCK,
        schema_sql="CREATE TABLE day (id INTEGER, word TEXT DEFAULT 'now')",
        seed_sql="INSERT INTO day (id) VALUES (1)",
        solution="SELECT word AS name, julianday(word) AS books FROM day",
    ),
    *(
        SqlAttack(f"the clock in a dataset: {value}", CLOCK, seed_sql=f"{INSERT}({value}, 1, 1)")
        for value in ("date('now')", "CURRENT_TIMESTAMP", "datetime('no' || 'w')")
    ),
    *(
        SqlAttack(f"the clock in the tables: {part}", CLOCK, schema_sql=part)
        for part in (
            "CREATE TABLE day (at TEXT DEFAULT CURRENT_TIMESTAMP)",
            "CREATE TABLE day (at TEXT DEFAULT (date('n' || 'ow')))",
            "CREATE TABLE day (at REAL DEFAULT (julianday()))",
            "CREATE TABLE day (id INTEGER, at TEXT AS (date('now')))",
            "CREATE TABLE day (id INTEGER, at TEXT AS (time('N' || 'OW')) STORED)",
            "CREATE TABLE day (at TEXT NOT NULL CHECK (at < datetime('now')))",
            "CREATE TRIGGER t AFTER DELETE ON book BEGIN INSERT INTO author VALUES (date(), 1); "
            "END",
            "CREATE VIEW today AS SELECT date('now') AS day",
            "CREATE VIEW today AS SELECT CURRENT_DATE AS day",
            "CREATE VIEW today AS SELECT date(word) AS day FROM (SELECT 'now' AS word)",
            "CREATE TRIGGER t AFTER INSERT ON book BEGIN UPDATE book SET price = CURRENT_TIME; END",
            "CREATE TRIGGER t AFTER INSERT ON author BEGIN INSERT INTO book VALUES (date(), 1, 1); "
            "END",
        )
    ),
    *(
        SqlAttack(f"chance in the tables: {part}", REFUSED, schema_sql=part)
        for part in (
            "CREATE TABLE dice (n INTEGER DEFAULT (random()))",
            "CREATE TABLE dice (n INTEGER CHECK (random() > 0))",
            "CREATE TABLE dice (n INTEGER, m INTEGER AS (n + abs(random())))",
            "CREATE TABLE dice (n BLOB DEFAULT (randomblob(8)))",
            "CREATE INDEX dice ON book (random())",
            "CREATE VIEW dice AS SELECT random() AS n",
            "CREATE TRIGGER dice AFTER UPDATE ON book BEGIN DELETE FROM book WHERE random() > 0; "
            "END",
        )
    ),
    *(
        SqlAttack(f"a forbidden function in the tables: {part}", REFUSED, schema_sql=part)
        for part in (
            "CREATE TABLE t (n TEXT DEFAULT (sqlite_version()))",
            "CREATE TABLE t (n INTEGER DEFAULT (last_insert_rowid()))",
            "CREATE VIEW v AS SELECT load_extension('x') AS n",
        )
    ),
)
