"""Runs one query on one dataset in SQLite, within a budget; runs in the worker."""

import json
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any

from coursewright.verification.sql.edge_cases import find_edge_cases, quote_name, table_names

STEPS_PER_TICK = 10_000
MAX_STEPS = 20_000_000
MAX_ROWS = 10_000
MAX_RESULT_BYTES = 4 << 20
MAX_HEAP_BYTES = 64 << 20
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
CONFIGURATION = {
    sqlite3.SQLITE_DBCONFIG_DEFENSIVE: True,
    sqlite3.SQLITE_DBCONFIG_TRUSTED_SCHEMA: False,
    sqlite3.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION: False,
    sqlite3.SQLITE_DBCONFIG_DQS_DML: False,
    sqlite3.SQLITE_DBCONFIG_DQS_DDL: False,
}
READ_ACTIONS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}
WRITE_ACTIONS = READ_ACTIONS | {
    sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_UPDATE,
    sqlite3.SQLITE_DELETE,
    sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_SAVEPOINT,
}
SCHEMA_ACTIONS = WRITE_ACTIONS | {
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
FUNCTION_NAMES = (
    "count sum avg min max total group_concat string_agg abs round length lower upper trim ltrim "
    "rtrim substr substring replace instr coalesce ifnull nullif iif if date time datetime "
    "julianday strftime unixepoch timediff typeof like glob row_number rank dense_rank "
    "percent_rank cume_dist ntile lag lead first_value last_value nth_value json json_extract "
    "json_array json_object json_group_array json_group_object json_type json_valid "
    "json_array_length sign floor ceil ceiling mod power pow sqrt exp ln log concat concat_ws "
    "unicode char hex quote printf format -> ->>"
)
ALLOWED_FUNCTIONS = frozenset(FUNCTION_NAMES.split())
INTERNAL_TABLES = ("sqlite_", "pragma_", "dbstat", "bytecode", "tables_used")

REFUSAL_PHRASES = ("not authorized", "prohibited", "one statement", "authorization denied")


class QueryBudgetExceeded(Exception):
    """The query takes too many steps or returns too many rows."""


QUERY_ERRORS = (sqlite3.Error, sqlite3.Warning, QueryBudgetExceeded, OverflowError, MemoryError)


def _authorizer(allowed: set[int]) -> Callable[..., int]:
    def decide(action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if action not in allowed:
            return sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in ALLOWED_FUNCTIONS:
            return sqlite3.SQLITE_DENY
        is_internal = action == sqlite3.SQLITE_READ and (first or "").lower().startswith(
            INTERNAL_TABLES
        )
        if is_internal and sqlite3.SQLITE_CREATE_TABLE not in allowed:
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    return decide


class QueryBudget:
    """The time and steps allowed for one query, renewed for each query."""

    def __init__(self, seconds: float) -> None:
        self.renew(seconds)

    def renew(self, seconds: float) -> None:
        """Reset the budget for the next query."""
        self._deadline = time.monotonic() + seconds
        self._steps = 0

    def is_over(self) -> int:
        """Return 1 to make SQLite interrupt the query; called every `STEPS_PER_TICK` steps."""
        self._steps += STEPS_PER_TICK
        return int(self._steps > MAX_STEPS or time.monotonic() > self._deadline)


def open_database(budget: QueryBudget) -> sqlite3.Connection:
    """Open an empty in-memory database with all limits set."""
    connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0)
    for limit, value in LIMITS.items():
        connection.setlimit(limit, value)
    for option, is_on in CONFIGURATION.items():
        connection.setconfig(option, is_on)
    for pragma in (
        f"hard_heap_limit={MAX_HEAP_BYTES}",
        f"max_page_count={MAX_PAGES}",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.set_progress_handler(budget.is_over, STEPS_PER_TICK)
    return connection


def _reorder_rows(connection: sqlite3.Connection, order: str) -> None:
    """Reinsert every table's rows in a different order, which must not affect the result."""
    chance = random.Random(17)  # noqa: S311  order of rows, not a secret
    connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)
    connection.execute("PRAGMA foreign_keys=OFF")
    for table in map(quote_name, table_names(connection)):
        names = connection.execute(f"PRAGMA table_info({table})").fetchall()
        columns = ", ".join(quote_name(name[1]) for name in names)
        rows = connection.execute(f"SELECT {columns} FROM {table}").fetchall()  # noqa: S608
        rows.reverse()
        if order == "shuffled":
            chance.shuffle(rows)
        connection.execute(f"DELETE FROM {table}")  # noqa: S608
        placeholders = ", ".join("?" * len(names))
        connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({placeholders})", rows)  # noqa: S608


def _fetch_rows(cursor: sqlite3.Cursor) -> list[list[Any]]:
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


def load_rows(connection: sqlite3.Connection, schema_sql: str, seed_sql: str) -> Iterator[str]:
    """Create the tables and insert the rows, yielding each stage's name before it starts."""
    yield "schema"
    connection.set_authorizer(_authorizer(SCHEMA_ACTIONS))
    connection.executescript(schema_sql)
    yield "seed"
    connection.set_authorizer(_authorizer(WRITE_ACTIONS))
    connection.executescript(seed_sql)
    if connection.in_transaction:
        connection.commit()
    connection.set_authorizer(None)


def make_read_only(connection: sqlite3.Connection) -> None:
    """Make the connection read-only from now on."""
    connection.execute("PRAGMA query_only=ON")
    connection.set_authorizer(_authorizer(READ_ACTIONS))


def run_query(connection: sqlite3.Connection, query: str) -> tuple[list[str], list[list[Any]]]:
    """Return the columns and rows of a query."""
    cursor = connection.execute(query)
    return [column[0] for column in cursor.description or ()], _fetch_rows(cursor)


def _run_stages(
    connection: sqlite3.Connection, job: dict[str, Any], result: dict[str, Any]
) -> None:
    for stage in load_rows(connection, job["schema_sql"], job["seed_sql"]):
        result["stage"] = stage
    if job["order"] != "as_given":
        _reorder_rows(connection, job["order"])
    else:
        result["edges"] = find_edge_cases(connection)[:MAX_EDGES]
    result["stage"] = "query"
    make_read_only(connection)
    result["columns"], result["rows"] = run_query(connection, job["query"])


def _problem(error: Exception) -> str:
    text = str(error)
    if any(phrase in text for phrase in REFUSAL_PHRASES):
        return "not_allowed"
    if isinstance(error, QueryBudgetExceeded) or text == "interrupted":
        return "timed_out"
    if isinstance(error, MemoryError) or "out of memory" in text or "is full" in text:
        return "out_of_memory"
    return "failed"


def query_dataset(job: dict[str, Any]) -> dict[str, Any]:
    """Fill a database and run the query; return its rows, or the problem and its stage."""
    result: dict[str, Any] = {"nonce": job["nonce"], "stage": "schema", "problem": None}
    result |= {"message": "", "columns": [], "rows": [], "edges": []}
    connection = open_database(QueryBudget(job["seconds"]))
    try:
        _run_stages(connection, job, result)
    except QUERY_ERRORS as error:
        result |= {"problem": _problem(error), "message": str(error)[:300], "rows": []}
    except ValueError as error:
        result |= {"problem": "failed", "message": str(error)[:300], "rows": []}
    finally:
        connection.close()
    return result


def query(job: dict[str, Any]) -> str:
    """Run one query on one dataset and return the result as JSON."""
    return json.dumps(query_dataset(job))
