"""Runs one query on one dataset in SQLite, within budgets; read by the worker."""

import json
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any

from coursewright.verification.sql.edge_cases import edges, quoted, tables

STEPS_PER_TICK = 10_000
MAX_STEPS = 20_000_000
MAX_ROWS = 10_000
MAX_RESULT_BYTES = 4 << 20
HEAP_BYTES = 64 << 20
MAX_PAGES = 4_096
MAX_EDGES = 20

LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 1 << 20,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 200_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 500,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 25_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 16,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 100,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 10,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
SWITCHES = {
    sqlite3.SQLITE_DBCONFIG_DEFENSIVE: True,
    sqlite3.SQLITE_DBCONFIG_TRUSTED_SCHEMA: False,
    sqlite3.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION: False,
    sqlite3.SQLITE_DBCONFIG_DQS_DML: False,
    sqlite3.SQLITE_DBCONFIG_DQS_DDL: False,
}
READING = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}
FILLING = READING | {
    sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_UPDATE,
    sqlite3.SQLITE_DELETE,
    sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_SAVEPOINT,
}
BUILDING = FILLING | {
    sqlite3.SQLITE_CREATE_TABLE,
    sqlite3.SQLITE_CREATE_INDEX,
    sqlite3.SQLITE_CREATE_VIEW,
    sqlite3.SQLITE_CREATE_TRIGGER,
    sqlite3.SQLITE_ALTER_TABLE,
    sqlite3.SQLITE_REINDEX,
    sqlite3.SQLITE_DROP_TABLE,
    sqlite3.SQLITE_DROP_VIEW,
    sqlite3.SQLITE_DROP_INDEX,
    sqlite3.SQLITE_DROP_TRIGGER,
}
HARMLESS = (
    "count sum avg min max total group_concat string_agg abs round length lower upper trim ltrim "
    "rtrim substr substring replace instr coalesce ifnull nullif iif if date time datetime "
    "julianday strftime unixepoch timediff typeof like glob row_number rank dense_rank "
    "percent_rank cume_dist ntile lag lead first_value last_value nth_value json json_extract "
    "json_array json_object json_group_array json_group_object json_type json_valid "
    "json_array_length sign floor ceil ceiling mod power pow sqrt exp ln log concat concat_ws "
    "unicode char hex quote printf format -> ->>"
)
FUNCTIONS = set(HARMLESS.split())
INSIGHTS = ("sqlite_", "pragma_", "dbstat", "bytecode", "tables_used")

SIGNS_OF_REFUSAL = ("not authorized", "prohibited", "one statement", "authorization denied")


class QueryBudgetExceeded(Exception):
    """The query asks for more work or gives more rows than it may."""


STOPS = (sqlite3.Error, sqlite3.Warning, QueryBudgetExceeded, OverflowError, MemoryError)


def _guard(allowed: set[int]) -> Callable[..., int]:
    def decide(action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if action not in allowed:
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in FUNCTIONS:
            return sqlite3.SQLITE_DENY
        is_prying = action == sqlite3.SQLITE_READ and (first or "").lower().startswith(INSIGHTS)
        if is_prying and sqlite3.SQLITE_CREATE_TABLE not in allowed:
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    return decide


class Budget:
    """The time and steps that one query has; it begins anew with every question."""

    def __init__(self, seconds: float) -> None:
        self.renew(seconds)

    def renew(self, seconds: float) -> None:
        """Return the next query its own time."""
        self._deadline = time.monotonic() + seconds
        self._steps = 0

    def is_over(self) -> int:
        """Answer SQLite's question whether to stop."""
        self._steps += STEPS_PER_TICK
        return int(self._steps > MAX_STEPS or time.monotonic() > self._deadline)


def opened(budget: Budget) -> sqlite3.Connection:
    """Open an empty database within all limits."""
    connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0)
    for limit, value in LIMITS.items():
        connection.setlimit(limit, value)
    for switch, is_on in SWITCHES.items():
        connection.setconfig(switch, is_on)
    for pragma in (
        f"hard_heap_limit={HEAP_BYTES}",
        f"max_page_count={MAX_PAGES}",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.set_progress_handler(budget.is_over, STEPS_PER_TICK)
    return connection


def _reorder(connection: sqlite3.Connection, order: str) -> None:
    """Put every table's rows back in another order: only ORDER BY may decide about order."""
    chance = random.Random(17)  # noqa: S311  order of rows, not a secret
    connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)
    connection.execute("PRAGMA foreign_keys=OFF")
    for table in map(quoted, tables(connection)):
        facts = connection.execute(f"PRAGMA table_info({table})").fetchall()
        columns = ", ".join(quoted(fact[1]) for fact in facts)
        rows = connection.execute(f"SELECT {columns} FROM {table}").fetchall()  # noqa: S608
        rows.reverse()
        if order == "shuffled":
            chance.shuffle(rows)
        connection.execute(f"DELETE FROM {table}")  # noqa: S608
        placeholders = ", ".join("?" * len(facts))
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({placeholders})", rows)  # noqa: S608


def _fetch(cursor: sqlite3.Cursor) -> list[list[Any]]:
    rows: list[list[Any]] = []
    size = 0
    for row in cursor:
        rows.append([_as_json(value) for value in row])
        size += sum(len(value) if isinstance(value, str | bytes) else 8 for value in row)
        if len(rows) > MAX_ROWS or size > MAX_RESULT_BYTES:
            raise QueryBudgetExceeded("the result is too large")
    return rows


def _as_json(value: Any) -> Any:
    return f"x'{value.hex()}'" if isinstance(value, bytes) else value


def fill(connection: sqlite3.Connection, schema_sql: str, seed_sql: str) -> Iterator[str]:
    """Create the tables and put the rows in; names each stage as it begins."""
    yield "schema"
    connection.set_authorizer(_guard(BUILDING))
    connection.executescript(schema_sql)
    yield "seed"
    connection.set_authorizer(_guard(FILLING))
    connection.executescript(seed_sql)
    if connection.in_transaction:
        connection.commit()
    connection.set_authorizer(None)


def seal(connection: sqlite3.Connection) -> None:
    """Let nothing but reading queries through from now on."""
    connection.execute("PRAGMA query_only=ON")
    connection.set_authorizer(_guard(READING))


def ask(connection: sqlite3.Connection, query: str) -> tuple[list[str], list[list[Any]]]:
    """Return the columns and rows of one query."""
    cursor = connection.execute(query)
    return [column[0] for column in cursor.description or ()], _fetch(cursor)


def _stages(connection: sqlite3.Connection, job: dict[str, Any], answer: dict[str, Any]) -> None:
    for stage in fill(connection, job["schema_sql"], job["seed_sql"]):
        answer["stage"] = stage
    if job["order"] != "as_given":
        _reorder(connection, job["order"])
    else:
        answer["edges"] = edges(connection)[:MAX_EDGES]
    answer["stage"] = "query"
    seal(connection)
    answer["columns"], answer["rows"] = ask(connection, job["query"])


def _problem(error: Exception) -> str:
    text = str(error)
    if any(sign in text for sign in SIGNS_OF_REFUSAL):
        return "not_allowed"
    if isinstance(error, QueryBudgetExceeded) or text == "interrupted":
        return "timed_out"
    if isinstance(error, MemoryError) or "out of memory" in text or "is full" in text:
        return "out_of_memory"
    return "failed"


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Fill a database, ask the query, and give back its rows or what went wrong at which stage."""
    found: dict[str, Any] = {"nonce": job["nonce"], "stage": "schema", "problem": None}
    found |= {"message": "", "columns": [], "rows": [], "edges": []}
    connection = opened(Budget(job["seconds"]))
    try:
        _stages(connection, job, found)
    except STOPS as error:
        found |= {"problem": _problem(error), "message": str(error)[:300], "rows": []}
    except ValueError as error:
        found |= {"problem": "failed", "message": str(error)[:300], "rows": []}
    finally:
        connection.close()
    return found


def answer(job: dict[str, Any]) -> str:
    """Do the job of running one query."""
    return json.dumps(run(job))
