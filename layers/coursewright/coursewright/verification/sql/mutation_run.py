"""Tries wrong variants of a query, on the datasets and on rows made for it; read by the worker.

A variant that no dataset tells from the query may mean the same. It counts as a survivor only if
rows that the tables allow, made of the datasets' own values, tell the two apart.
"""

import json
import random
import sqlite3
import time
from collections.abc import Sequence
from typing import Any

from coursewright.verification.sql.edge_cases import quoted, tables
from coursewright.verification.sql.engine import STOPS, Budget, ask, fill, opened, seal
from coursewright.verification.sql.row_equality import same_rows

SECONDS_A_QUERY = 0.25
MADE_DATABASES = 40
MAX_GENERATED_ROWS = 7
MAX_STORED_VALUES = 40
NULL_SHARE = 0.2
NUMBERS: tuple[Any, ...] = (0, 1, 2, 3, 5, 10)
WORDS: tuple[Any, ...] = ("Alma", "Bo", "Cleo", "alma")

Result = tuple[list[str], list[list[Any]]]


class Bench:
    """One filled database, and what the right query answers there."""

    def __init__(self, schema_sql: str, seed_sql: str, query: str) -> None:
        self._budget = Budget(SECONDS_A_QUERY)
        self.connection = opened(self._budget)
        for _ in fill(self.connection, schema_sql, seed_sql):
            self._budget.renew(SECONDS_A_QUERY)
        self._query = query
        self.tables = tables(self.connection)
        self.right: Result = ([], [])

    def prepare(self) -> None:
        """Seal the database and ask the right query."""
        seal(self.connection)
        self.right = self.answer(self._query)

    def answer(self, query: str) -> Result:
        """Ask one query within its own time."""
        self._budget.renew(SECONDS_A_QUERY)
        return ask(self.connection, query)

    def tells(self, query: str, *, is_ordered: bool) -> bool:
        """Return whether a query answers otherwise here."""
        try:
            columns, rows = self.answer(query)
        except STOPS:
            return True
        is_same = same_rows(self.right[1], rows, is_ordered=is_ordered)
        return not is_same or len(columns) != len(self.right[0])


def weigh(job: dict[str, Any]) -> dict[str, list[str]]:
    """Sort the variants into killed, survivors, and those that mean the same."""
    deadline = time.monotonic() + job["seconds"] * 0.8
    query, ordered, variants = job["query"], job["is_ordered"], job["variants"]
    benches = [Bench(job["schema_sql"], seed, query) for seed in job["seeds"]]
    values = stored_values([bench.connection for bench in benches], job["literals"])
    for bench in benches:
        bench.prepare()
    made = made_benches(job["schema_sql"], query, values, deadline)
    sorted_out: dict[str, list[str]] = {"killed": [], "survivors": [], "same": []}
    if any(bench.tells(job["rewritten"], is_ordered=ordered) for bench in [*benches, *made]):
        return sorted_out
    for variant in variants:
        if time.monotonic() > deadline or _enough(sorted_out, job["limit"]):
            break
        if not _is_runnable(benches[0], variant["source"]):
            continue
        name = _place(variant["source"], benches, made, is_ordered=ordered)
        sorted_out[name].append(variant["change"])
    return sorted_out


def _enough(sorted_out: dict[str, list[str]], limit: int) -> bool:
    return len(sorted_out["killed"]) + len(sorted_out["survivors"]) >= limit


def _place(query: str, benches: Sequence[Bench], made: Sequence[Bench], *, is_ordered: bool) -> str:
    if any(bench.tells(query, is_ordered=is_ordered) for bench in benches):
        return "killed"
    if any(bench.tells(query, is_ordered=is_ordered) for bench in made):
        return "survivors"
    return "same"


def _is_runnable(bench: Bench, query: str) -> bool:
    try:
        bench.answer(f"EXPLAIN {query}")
    except STOPS:
        return False
    return True


def stored_values(
    connections: Sequence[sqlite3.Connection], literals: Sequence[Any]
) -> dict[str, list[Any]]:
    """Gather what stands in each column, and what the query compares with."""
    found: dict[str, list[Any]] = {}
    for connection in connections:
        for table in tables(connection):
            for fact in _columns(connection, table):
                column = quoted(fact[1])
                select = f"SELECT DISTINCT {column} FROM {quoted(table)} LIMIT {MAX_STORED_VALUES}"  # noqa: S608
                rows = connection.execute(select).fetchall()
                known = found.setdefault(f"{table}.{fact[1]}", [])
                known.extend(value for (value,) in rows if value is not None)
    return {name: _with_likes(known, literals) for name, known in found.items()}


def _with_likes(known: list[Any], literals: Sequence[Any]) -> list[Any]:
    is_text = any(isinstance(value, str) for value in known)
    return known + [one for one in literals if known and isinstance(one, str) == is_text]


def _columns(connection: sqlite3.Connection, table: str) -> list[Any]:
    return connection.execute(f"PRAGMA table_info({quoted(table)})").fetchall()


def made_benches(
    schema_sql: str, query: str, values: dict[str, list[Any]], deadline: float
) -> list[Bench]:
    """Fill databases with rows of known values, NULLs, ties and nothing at all."""
    made: list[Bench] = []
    chance = random.Random(23)  # noqa: S311  made rows, not a secret
    for _ in range(MADE_DATABASES):
        if time.monotonic() > deadline:
            break
        bench = Bench(schema_sql, "", query)
        for table in bench.tables:
            _fill_table(bench.connection, table, values, chance)
        try:
            bench.prepare()
        except STOPS:
            continue
        made.append(bench)
    return made


def _fill_table(
    connection: sqlite3.Connection, table: str, values: dict[str, list[Any]], chance: random.Random
) -> None:
    facts = _columns(connection, table)
    parents = {
        reference[3]: f"{reference[2]}.{reference[4] or 'id'}"
        for reference in connection.execute(f"PRAGMA foreign_key_list({quoted(table)})").fetchall()
    }
    placeholders = ", ".join("?" * len(facts))
    names = ", ".join(quoted(fact[1]) for fact in facts)
    insert = f"INSERT OR IGNORE INTO {quoted(table)} ({names}) VALUES ({placeholders})"  # noqa: S608
    for _ in range(chance.randrange(MAX_GENERATED_ROWS + 1)):
        row = [
            _value(
                fact, values.get(f"{table}.{fact[1]}"), values.get(parents.get(fact[1], "")), chance
            )
            for fact in facts
        ]
        try:
            connection.execute(insert, row)
        except STOPS:
            continue


def _value(
    fact: Any, own: list[Any] | None, parents: list[Any] | None, chance: random.Random
) -> Any:
    _, _, kind, is_not_null, _, is_key = fact
    if not (is_not_null or is_key) and chance.random() < NULL_SHARE:
        return None
    if parents or own:
        return chance.choice(parents or own or [None])
    is_text = any(sign in kind.upper() for sign in ("CHAR", "TEXT", "CLOB"))
    return chance.choice(WORDS if is_text else NUMBERS)


def answer(job: dict[str, Any]) -> str:
    """Do the job of trying variants."""
    try:
        found = weigh(job)
    except STOPS:
        found = {"killed": [], "survivors": [], "same": []}
    return json.dumps({"nonce": job["nonce"], **found})
