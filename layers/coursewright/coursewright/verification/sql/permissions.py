"""Decides which statements and functions a draft's SQL may use; runs in the worker.

An authorizer does not see functions in defaults, checks and triggers, nor the values of arguments.
So every function that is not allowed is also replaced by one that refuses to run, and the date
functions by equivalent ones that refuse to read the clock or the time zone.
"""

import sqlite3
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any

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
DATE_NAMES = "date time datetime julianday strftime unixepoch timediff"
DATE_FUNCTIONS = frozenset(DATE_NAMES.split())
CLOCKS = frozenset(("current_date", "current_time", "current_timestamp"))
FUNCTION_NAMES = (
    "count sum avg min max total group_concat string_agg abs round length lower upper trim ltrim "
    "rtrim substr substring replace instr coalesce ifnull nullif iif if typeof like glob "
    "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value "
    "nth_value json json_extract json_array json_object json_group_array json_group_object "
    "json_type json_valid json_array_length sign floor ceil ceiling mod power pow sqrt exp ln log "
    "concat concat_ws unicode char hex quote printf format -> ->>"
)
ALLOWED_FUNCTIONS = DATE_FUNCTIONS | frozenset(FUNCTION_NAMES.split())
INTERNAL_TABLES = ("sqlite_", "pragma_", "dbstat", "bytecode", "tables_used")
MAX_CACHED_DATES = 4_096
MAX_LENGTH = 1 << 20


class Permissions:
    """What one database may do, and whether its SQL tried to do more."""

    def __init__(self) -> None:
        self.refused_clock = False
        self.refused_function = ""

    def authorizer(self, allowed: set[int]) -> Callable[..., int]:
        """Return an authorizer that permits some actions and the allowed functions."""

        def decide(action: int, first: str | None, second: str | None, *_: str | None) -> int:
            if action not in allowed:
                return sqlite3.SQLITE_DENY
            if action == sqlite3.SQLITE_FUNCTION and not self._may_call((second or "").lower()):
                return sqlite3.SQLITE_DENY
            is_internal = action == sqlite3.SQLITE_READ and (first or "").lower().startswith(
                INTERNAL_TABLES
            )
            if is_internal and sqlite3.SQLITE_CREATE_TABLE not in allowed:
                return sqlite3.SQLITE_DENY
            return sqlite3.SQLITE_OK

        return decide

    def replace_functions(self, connection: sqlite3.Connection) -> None:
        """Replace the functions that are not allowed, and those that can read the clock."""
        for name, arguments in _built_in_functions():
            if name in DATE_FUNCTIONS:
                connection.create_function(name, -1, self._date(name), deterministic=True)
            elif name not in ALLOWED_FUNCTIONS:
                refusal = self._refusal(name)
                connection.create_function(name, arguments, refusal, deterministic=True)

    def _may_call(self, name: str) -> bool:
        self.refused_clock |= name in CLOCKS
        return name in ALLOWED_FUNCTIONS

    def _date(self, name: str) -> Callable[..., Any]:
        def calculate(*arguments: Any) -> Any:
            try:
                return _calculate_date(name, arguments)
            except sqlite3.Error as error:
                self.refused_clock |= "non-deterministic" in str(error)
                raise

        return calculate

    def _refusal(self, name: str) -> Callable[..., Any]:
        def refuse(*_: Any) -> Any:
            self.refused_clock |= name in CLOCKS
            self.refused_function = "" if name in CLOCKS else name
            raise PermissionError(name)

        return refuse


@cache
def _built_in_functions() -> Iterable[tuple[str, int]]:
    connection = sqlite3.connect(":memory:")
    rows = connection.execute("SELECT DISTINCT name, narg FROM pragma_function_list").fetchall()
    connection.close()
    return [(name.lower(), count) for name, count in rows]


@lru_cache(maxsize=MAX_CACHED_DATES, typed=True)
def _calculate_date(name: str, arguments: tuple[Any, ...]) -> Any:
    """Return a date function's value.

    In a generated column SQLite itself refuses whatever depends on the clock or the time zone,
    however the arguments are written.

    Raises:
        sqlite3.Error: if the value depends on the clock or the time zone, or is too long.
    """
    connection = _calendar()
    table = f"{name}_{len(arguments)}"
    columns = [f"a{index}" for index in range(len(arguments))]
    call = f"{name}({', '.join(columns)})"
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(['x', *columns])}, result AS ({call}))"
    )
    marks = ", ".join("?" * (len(columns) + 1))
    insert = f"INSERT INTO {table} VALUES ({marks}) RETURNING result"  # noqa: S608
    try:
        return connection.execute(insert, (None, *arguments)).fetchone()[0]
    finally:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608


@cache
def _calendar() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_LENGTH)
    return connection
