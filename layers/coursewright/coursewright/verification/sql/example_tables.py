"""Runs a query on the tables of its text's examples, and compares the result; in the worker.

An example is read only if the text shows rows of every table that the query reads, as tables or as
INSERT statements, and the result after them.
"""

import json
import re
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlglot import exp

from coursewright.verification.sql.edge_cases import quote_name, table_names
from coursewright.verification.sql.engine import QUERY_ERRORS, Database, Result
from coursewright.verification.sql.parsing import parse_query

MAX_SHOWN_CHARS = 200
MAX_ROWS = 100
NULLS = {"null", "none"}
BLANKS = {"", "-", "–", "—"}  # NULL in some texts, a string or nothing in others
OMISSION = re.compile(r"…|\.\.\.")
RULE = re.compile(r"[\s|+:=-]+")
RESULT_WORDS = re.compile(
    r"\b(?:result|output|expected|returns?|gives?|get|ergebnis|ausgabe|erwartet\w*|ergibt|liefert|"
    r"результат|вывод|возвращает|получ\w*)",
    re.IGNORECASE,
)
INSERT = re.compile(r"\s*insert\s+into\b", re.IGNORECASE)
NUMBER = re.compile(r"[-−]?\d+(?:\.\d+)?")


class TextTable(NamedTuple):
    """A table in the text, with the prose before it."""

    caption: str
    header: list[str]
    rows: list[list[str]]


class Schema(NamedTuple):
    """The columns of each table, and those of the query's result."""

    tables: dict[str, list[str]]
    read: set[str]
    result: list[str]


def check_examples(job: dict[str, Any]) -> str:
    """Return, as JSON, how many examples were compared, and which ones the query contradicts."""
    schema = _read_schema(job)
    results = [] if schema is None else list(_compared(job, schema))
    answer = {"compared": len(results), "contradictions": [each for each in results if each]}
    return json.dumps({"nonce": job["nonce"], **answer})


def _compared(job: dict[str, Any], schema: Schema) -> Iterator[dict[str, str]]:
    """Yield both results of each example, or an empty dictionary if they agree."""
    inputs: dict[str, TextTable] = {}
    seed = ""
    for part in _parts(job["pieces"]):
        if isinstance(part, str):
            inputs, seed = {}, part
        elif (table := _shown_table(part, schema)) and table not in inputs:
            inputs[table] = part
        elif _is_result(part, schema) and (seed or schema.read <= inputs.keys()):
            result = _run(job, seed, inputs, schema)
            difference = _difference(part.rows, result, is_ordered=job["is_ordered"])
            if difference is not None:
                yield difference
            inputs, seed = {}, ""
        else:
            inputs = {table: part} if table else {}


def _parts(pieces: list[dict[str, Any]]) -> Iterator[TextTable | str]:
    """Yield the tables and the INSERT statements of a text in reading order."""
    caption, table = "", None
    for piece in [*pieces, {"kind": "end", "text": ""}]:
        is_row = piece["kind"] == "row"
        if table and (not is_row or piece["starts"]):
            yield table
            table = None
        if is_row and table:
            table.rows.append(list(map(_cell, piece["cells"])))
        elif is_row:
            table = TextTable(caption, [_cell(cell) for cell in piece["cells"]], [])
        elif piece["kind"] == "block":
            yield from _block(caption, piece["text"])
        caption = "" if is_row else piece["text"].strip() or caption


def _block(caption: str, text: str) -> Iterator[TextTable | str]:
    if INSERT.match(text):
        yield text
        return
    lines = [line for line in text.splitlines() if line.strip() and not RULE.fullmatch(line)]
    cells = [[_cell(cell) for cell in line.strip().strip("|").split("|")] for line in lines]
    if len(cells) > 1 and all("|" in line for line in lines):
        yield TextTable(caption, cells[0], cells[1:])


def _cell(text: str) -> str:
    return " ".join(text.replace("\x02", "").replace("\x03", "").split())


def _read_schema(job: dict[str, Any]) -> Schema | None:
    tree = parse_query(job["query"])
    if tree is None:
        return None
    named = {table.alias_or_name.lower() for table in tree.find_all(exp.CTE)}
    read = {table.name.lower() for table in tree.find_all(exp.Table)} - named
    with Database(allows_quoted_text=job["allows_quoted_text"]) as database:
        try:
            for _ in database.load(job["schema_sql"], ""):
                pass
            tables = {name: _columns(database, name) for name in table_names(database.connection)}
            result = database.run(job["query"]).columns
        except QUERY_ERRORS:
            return None
    columns = {name.lower(): names for name, names in tables.items()}
    return Schema(columns, read, [column.lower() for column in result])


def _columns(database: Database, table: str) -> list[str]:
    rows = database.connection.execute(f"PRAGMA table_xinfo({quote_name(table)})").fetchall()
    return [row[1].lower() for row in rows]


def _shown_table(part: TextTable, schema: Schema) -> str:
    """Return the table whose rows are shown, or an empty string if that is not clear."""
    header = [name.lower() for name in part.header]
    fitting = [name for name, columns in schema.tables.items() if set(header) <= set(columns)]
    named = [n for n in fitting if re.search(rf"\b{re.escape(n)}s?\b", part.caption.lower())]
    if header == schema.result and (RESULT_WORDS.search(part.caption) or not named):
        return ""
    chosen = named if len(fitting) > 1 else fitting
    return chosen[0] if len(chosen) == 1 else ""


def _is_result(part: TextTable, schema: Schema) -> bool:
    return [name.lower() for name in part.header] == schema.result


def _run(
    job: dict[str, Any], seed: str, inputs: dict[str, TextTable], schema: Schema
) -> Result | None:
    """Return the query's result for the rows in the text, or None if they cannot be inserted."""
    with Database(allows_quoted_text=job["allows_quoted_text"]) as database:
        try:
            for stage in database.load(job["schema_sql"], seed):
                if stage == "seed":
                    continue
            for table in schema.tables:  # in the order of the schema, so parents come first
                if table in inputs and not _insert(database.connection, table, inputs[table]):
                    return None
            database.make_read_only()
            return database.run(job["query"])
        except QUERY_ERRORS:
            return None


def _insert(connection: sqlite3.Connection, table: str, shown: TextTable) -> bool:
    names = ", ".join(map(quote_name, shown.header))
    places = ", ".join("?" * len(shown.header))
    for row in shown.rows[:MAX_ROWS]:
        if len(row) != len(shown.header) or any(OMISSION.search(c) or c in BLANKS for c in row):
            return False
        values = [None if cell.lower() in NULLS else cell.strip("'") for cell in row]
        insert = f"INSERT INTO {quote_name(table)} ({names}) VALUES ({places})"  # noqa: S608
        connection.execute(insert, values)  # the columns' types turn strings into numbers
    return len(shown.rows) <= MAX_ROWS


def _difference(
    stated: list[list[str]], result: Result | None, *, is_ordered: bool
) -> dict[str, str] | None:
    """Return both results if they differ, an empty dictionary if not, None if that is unclear."""
    if result is None or any(OMISSION.search(cell) for row in stated for cell in row):
        return None
    if any(len(row) != len(result.columns) for row in stated):
        return None
    remaining = [list(row) for row in result.rows]
    for row in stated:
        candidates = remaining[:1] if is_ordered else remaining
        same = next((each for each in candidates if _same_row(row, each)), None)
        if same is None:
            return _both(stated, result)
        remaining.remove(same)
    return _both(stated, result) if remaining else {}


def _same_row(stated: list[str], actual: list[Any]) -> bool:
    return all(map(_same_cell, stated, actual))


def _same_cell(stated: str, actual: Any) -> bool:
    if actual is None:
        return stated.lower() in NULLS or stated in BLANKS
    if isinstance(actual, float) and NUMBER.fullmatch(stated):
        decimals = len(stated.partition(".")[2])
        return abs(float(stated.replace("−", "-")) - actual) < 10.0**-decimals
    return stated.strip("'") == " ".join(str(actual).split()) or stated == str(actual)


def _both(stated: list[list[str]], result: Result) -> dict[str, str]:
    return {"stated": _shown(stated), "actual": _shown(result.rows)}


def _shown(rows: list[list[Any]]) -> str:
    cells = (["NULL" if cell is None else str(cell) for cell in row] for row in rows)
    text = ", ".join(f"({', '.join(row)})" for row in cells) or "()"
    return text if len(text) <= MAX_SHOWN_CHARS else f"{text[:MAX_SHOWN_CHARS]}…"
