"""Runs SQL in an SQLite database in memory, within limits independent of clocks; in the worker."""

import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple, Self

from coursewright.verification.sql.edge_cases import quote_name, table_names
from coursewright.verification.sql.permissions import (
    MAX_LENGTH,
    READ_ACTIONS,
    SCHEMA_ACTIONS,
    WRITE_ACTIONS,
    Permissions,
)

STEPS_PER_TICK = 1_000
MAX_STEPS = 5_000_000  # about 0.05 s on a current machine
MAX_VARIANT_STEPS = 4 * MAX_STEPS  # the same query may take longer on copies without keys
MAX_ROWS = 10_000
MAX_RESULT_BYTES = 4 << 20
MAX_HEAP_BYTES = 64 << 20
MAX_PAGES = 4_096
MAX_ERROR_CHARS = 300

LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: MAX_LENGTH,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 200_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 500,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 25_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 16,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    # A pattern is matched within one step, in time that grows with the power of its wildcards.
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 100,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 250,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 10,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
CONFIGURATION = {
    sqlite3.SQLITE_DBCONFIG_DEFENSIVE: True,
    # Replaced functions count as untrusted, but defaults and views may use dates.
    sqlite3.SQLITE_DBCONFIG_TRUSTED_SCHEMA: True,
    sqlite3.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION: False,
}
REFUSAL_PHRASES = ("not authorized", "prohibited", "one statement", "authorization denied")
SELECT_VIEWS = "SELECT name FROM sqlite_schema WHERE type = 'view'"


class TooManyRows(Exception):
    """A query returns too many rows, or too long ones."""


QUERY_ERRORS = (
    sqlite3.Error,
    sqlite3.Warning,
    TooManyRows,
    OverflowError,
    MemoryError,
    ValueError,  # from the driver, about the text of a statement
)


class Result(NamedTuple):
    """The columns and rows that a query returned."""

    columns: list[str]
    rows: list[list[Any]]


class StepBudget:
    """The steps of SQLite's virtual machine that a query may take, the same on every machine."""

    def __init__(self) -> None:
        self.renew()

    def renew(self, max_steps: int = MAX_STEPS) -> None:
        """Start counting again."""
        self.steps = 0
        self._max_steps = max_steps

    def is_over(self) -> int:
        """Return 1 to make SQLite interrupt the query; called every `STEPS_PER_TICK` steps."""
        self.steps += STEPS_PER_TICK
        return int(self.steps > self._max_steps)


class Database:
    """An empty database in memory with all limits set."""

    def __init__(self, *, allows_quoted_text: bool = False) -> None:
        self.allows_quoted_text = allows_quoted_text
        self.connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0)
        self._permissions = Permissions()
        self._permissions.replace_functions(self.connection)
        for limit, value in LIMITS.items():
            self.connection.setlimit(limit, value)
        quotes = (sqlite3.SQLITE_DBCONFIG_DQS_DML, sqlite3.SQLITE_DBCONFIG_DQS_DDL)
        for option, is_on in (CONFIGURATION | dict.fromkeys(quotes, allows_quoted_text)).items():
            self.connection.setconfig(option, is_on)
        for pragma in (
            f"hard_heap_limit={MAX_HEAP_BYTES}",
            f"max_page_count={MAX_PAGES}",
            "temp_store=MEMORY",
        ):
            self.connection.execute(f"PRAGMA {pragma}")
        self._budget = StepBudget()
        self.connection.set_progress_handler(self._budget.is_over, STEPS_PER_TICK)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    @property
    def steps(self) -> int:
        """The number of steps taken by the last query."""
        return self._budget.steps

    def load(self, schema_sql: str, seed_sql: str) -> Iterator[str]:
        """Create the tables and insert the rows, yielding each stage's name before it starts."""
        yield "schema"
        self._run_script(schema_sql, SCHEMA_ACTIONS)
        self._use_schema()
        yield "seed"
        self._run_script(seed_sql, WRITE_ACTIONS)
        if self.connection.in_transaction:
            self.connection.commit()
        yield "schema"
        self._refuse_clocks_in_views()

    def make_read_only(self) -> None:
        """Allow nothing but queries from now on."""
        self.connection.set_authorizer(None)
        self.connection.execute("PRAGMA query_only=ON")
        self.connection.set_authorizer(self._permissions.authorizer(READ_ACTIONS))

    def run(self, query: str, max_steps: int = MAX_STEPS) -> Result:
        """Return the columns and rows of a query, within a budget of its own."""
        self._budget.renew(max_steps)
        cursor = self.connection.execute(query)
        return Result([column[0] for column in cursor.description or ()], _fetch_rows(cursor))

    def compile(self, statement: str) -> None:
        """Compile a statement without running it; an error is raised as if it ran."""
        self._budget.renew()
        self.connection.execute(f"EXPLAIN {statement}").close()

    def fill_from(self, other: "Database") -> None:
        """Copy all tables of another database."""
        other.connection.backup(self.connection)

    def message(self, error: Exception) -> str:
        """Describe an error of this database as SQLite does."""
        if name := self._permissions.refused_function:
            return f"not authorized to use function: {name}"
        return str(error)[:MAX_ERROR_CHARS]

    def problem(self, error: Exception) -> str:
        """Classify an error of this database."""
        text = str(error)
        if self._permissions.refused_clock:
            return "current_time"
        if self._permissions.refused_function or any(each in text for each in REFUSAL_PHRASES):
            return "not_allowed"
        if isinstance(error, TooManyRows) or text == "interrupted":
            return "timed_out"
        if isinstance(error, MemoryError) or "out of memory" in text or "is full" in text:
            return "out_of_memory"
        return "failed"

    def _run_script(self, script: str, actions: set[int]) -> None:
        self._budget.renew()
        self.connection.set_authorizer(self._permissions.authorizer(actions))
        self.connection.executescript(script)
        self.connection.set_authorizer(None)

    def _use_schema(self) -> None:
        """Use tables, views, triggers and defaults once, so that none escapes the rules."""
        statements = [*self._table_uses(), *self._view_queries()]
        self.connection.execute("SAVEPOINT coursewright")
        self.connection.set_authorizer(self._permissions.authorizer(WRITE_ACTIONS))
        for statement in statements:
            self._raise_refusals(statement)
        self.connection.set_authorizer(None)
        self.connection.execute("ROLLBACK TO coursewright")
        self.connection.execute("RELEASE coursewright")

    def _table_uses(self) -> Iterator[str]:
        for table in map(quote_name, table_names(self.connection)):
            columns = self.connection.execute(f"PRAGMA table_xinfo({table})").fetchall()
            yield from (f"SELECT ({column[4]})" for column in columns if column[4] is not None)
            stored = [quote_name(column[1]) for column in columns if not column[6]]
            names, values = ", ".join(stored), ", ".join("1" for _ in stored)
            yield f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608
            yield f"SELECT * FROM {table}"  # noqa: S608
            yield f"UPDATE {table} SET " + ", ".join(f"{name} = {name}" for name in stored)  # noqa: S608
            yield f"DELETE FROM {table}"  # noqa: S608

    def _refuse_clocks_in_views(self) -> None:
        queries = self._view_queries()
        self.connection.set_authorizer(self._permissions.authorizer(READ_ACTIONS))
        for query in queries:
            self._raise_refusals(query)
        self.connection.set_authorizer(None)

    def _view_queries(self) -> list[str]:
        rows = self.connection.execute(SELECT_VIEWS).fetchall()
        return [f"SELECT * FROM {quote_name(name)}" for (name,) in rows]  # noqa: S608

    def _raise_refusals(self, statement: str) -> None:
        """Run a statement, which may fail for any other reason than a refusal."""
        try:
            self.run(statement)
        except QUERY_ERRORS as error:
            if self.problem(error) in ("current_time", "not_allowed"):
                raise


def _fetch_rows(cursor: sqlite3.Cursor) -> list[list[Any]]:
    rows: list[list[Any]] = []
    size = 0
    for row in cursor:
        rows.append([_as_json(value) for value in row])
        size += sum(len(value) if isinstance(value, str | bytes) else 8 for value in row)
        if len(rows) > MAX_ROWS or size > MAX_RESULT_BYTES:
            raise TooManyRows("the result is too large")
    return rows


def _as_json(value: Any) -> Any:
    return f"x'{value.hex()}'" if isinstance(value, bytes) else value
