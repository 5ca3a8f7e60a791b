"""Reads a query without running it; read by the worker."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from sqlglot import Dialect, exp, parse
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

MAX_DIFFERENCES = 5
MAX_LITERALS = 40
CODE = re.compile(r"<(?:code|pre)\b[^>]*>(.*?)</(?:code|pre)>", re.DOTALL | re.IGNORECASE)
TAG = re.compile(r"<[^>]*>")
NESTED = re.compile(r"\([^()]*\)")
BOTH = "PostgreSQL and MySQL"
COMPARING = (exp.Where, exp.Having, exp.Join, exp.Predicate, exp.Func)
DATES = "strftime(), date() and julianday() work on ISO texts"
# What a statement of another database is told by, and what SQLite has instead.
FUNCTIONS = {
    "NOW": (BOTH, "CURRENT_TIMESTAMP"),
    "CURDATE": ("MySQL", "CURRENT_DATE"),
    "DATE_FORMAT": ("MySQL", DATES),
    "DATE_ADD": ("MySQL", "date(x, '+1 day')"),
    "DATE_SUB": ("MySQL", "date(x, '-1 day')"),
    "DATEDIFF": ("MySQL", "julianday(a) - julianday(b)"),
    "STR_TO_DATE": ("MySQL", DATES),
    "YEAR": ("MySQL", "strftime('%Y', x)"),
    "MONTH": ("MySQL", "strftime('%m', x)"),
    "DAY": ("MySQL", "strftime('%d', x)"),
    "DATE_TRUNC": ("PostgreSQL", DATES),
    "TO_CHAR": ("PostgreSQL", DATES),
    "TO_DATE": ("PostgreSQL", DATES),
    "AGE": ("PostgreSQL", "julianday(a) - julianday(b)"),
    "EXTRACT": (BOTH, "strftime('%Y', x)"),
    "GENERATE_SERIES": ("PostgreSQL", "a recursive WITH"),
    "SPLIT_PART": ("PostgreSQL", "substr() and instr()"),
    "INITCAP": ("PostgreSQL", "upper() and substr()"),
    "REGEXP_REPLACE": (BOTH, "replace()"),
    "REGEXP_MATCHES": ("PostgreSQL", "LIKE or GLOB"),
    "BOOL_AND": ("PostgreSQL", "min()"),
    "BOOL_OR": ("PostgreSQL", "max()"),
    "ARRAY_AGG": ("PostgreSQL", "group_concat()"),
    "STRING_AGG": ("PostgreSQL", "group_concat()"),
    "CONCAT": (BOTH, "the operator ||"),
    "CONCAT_WS": (BOTH, "the operator ||"),
    "LEFT": (BOTH, "substr(x, 1, n)"),
    "RIGHT": (BOTH, "substr(x, -n)"),
    "LPAD": (BOTH, "printf()"),
    "RPAD": (BOTH, "printf()"),
    "GREATEST": (BOTH, "max(a, b)"),
    "LEAST": (BOTH, "min(a, b)"),
    "IF": ("MySQL", "iif(a, b, c) or CASE"),
    "LOCATE": ("MySQL", "instr()"),
    "POSITION": (BOTH, "instr()"),
    "CHAR_LENGTH": (BOTH, "length()"),
    "STDDEV": (BOTH, "sums of squares"),
    "ANY": (BOTH, "IN or EXISTS"),
    "ALL": (BOTH, "max() or NOT EXISTS"),
}
WORDS = {
    "ILIKE": ("PostgreSQL", "LIKE, which does not tell a from A"),
    "SIMILAR": ("PostgreSQL", "LIKE or GLOB"),
    "RLIKE": ("MySQL", "LIKE or GLOB"),
    "REGEXP": ("MySQL", "LIKE or GLOB"),
    "INTERVAL": (BOTH, "date(x, '+1 day')"),
    "SERIAL": ("PostgreSQL", "INTEGER PRIMARY KEY"),
    "BIGSERIAL": ("PostgreSQL", "INTEGER PRIMARY KEY"),
    "AUTO_INCREMENT": ("MySQL", "INTEGER PRIMARY KEY"),
    "UNSIGNED": ("MySQL", "CHECK (x >= 0)"),
    "ENUM": ("MySQL", "TEXT with a CHECK"),
    "ENGINE": ("MySQL", "nothing: leave it out"),
    "LATERAL": ("PostgreSQL", "a subquery"),
    "ROLLUP": (BOTH, "UNION ALL"),
    "FETCH": ("PostgreSQL", "LIMIT"),
    "TOP": ("SQL Server", "LIMIT"),
    "DIV": ("MySQL", "/ between integers"),
    "SEPARATOR": ("MySQL", "group_concat(x, ',')"),
    "::": ("PostgreSQL", "CAST(x AS type)"),
    "~": ("PostgreSQL", "LIKE or GLOB"),
    "<=>": ("MySQL", "IS"),
    "DISTINCT ON": ("PostgreSQL", "row_number() OVER (PARTITION BY …)"),
}


def differences(sql: str) -> list[str]:
    """Say what in a statement belongs to another database, and what SQLite has instead."""
    found: dict[str, str] = {}
    for words in _signs(sql):
        name, others = words, FUNCTIONS if words.endswith("(") else WORDS
        if fact := others.get(name.removesuffix("(")):
            dialect, instead = fact
            shown = f"{name}…)" if name.endswith("(") else name
            found[shown] = f"{shown} is {dialect}; SQLite has {instead}"
    return list(found.values())[:MAX_DIFFERENCES]


def differences_in_text(html: str) -> list[str]:
    """Say which code in a text belongs to another database; prose is no code."""
    found: dict[str, None] = {}
    for piece in CODE.findall(html):
        code = unescape(TAG.sub("", piece)).strip()
        is_query = "SELECT" in code.upper()
        for said in differences(code):
            if is_query or code.upper() in WORDS or "(…)" in said:
                found[said] = None
    return list(found)[:MAX_DIFFERENCES]


def _signs(sql: str) -> Iterator[str]:
    tokens = _tokens(sql)
    for token, after in zip(tokens, [*tokens[1:], None], strict=False):
        word = token.text.upper()
        if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER):
            continue
        yield f"{word}(" if after is not None and after.text == "(" else word
        if after is not None:
            yield f"{word} {after.text.upper()}"


def _tokens(sql: str) -> list[Token]:
    for dialect in ("postgres", "mysql"):
        try:
            return list(Dialect.get_or_raise(dialect).tokenize(sql))
        except SqlglotError:
            continue
    return []


def facts(query: str) -> dict[str, Any]:
    """Say what can be seen of a query: its order, its tables, its literals."""
    tree = _parsed(query)
    if tree is None:
        flat = _flat(query).upper()
        return {
            "is_ordered": "ORDER BY" in flat,
            "reads_tables": True,
            "uses_current_time": False,
        } | {
            "literals": [],
            "returned_literals": [],
        }
    named = {one.alias_or_name.lower() for one in tree.find_all(exp.CTE)}
    read = {one.name.lower() for one in tree.find_all(exp.Table)} - named
    return {
        "is_ordered": tree.args.get("order") is not None,
        "reads_tables": bool(read),
        "uses_current_time": _asks_now(tree),
        "literals": _literals(tree),
        "returned_literals": _given(tree),
    }


def _parsed(query: str) -> exp.Expr | None:
    try:
        statements = [one for one in parse(query, read="sqlite") if one is not None]
    except (SqlglotError, RecursionError):
        return None
    return statements[0] if len(statements) == 1 else None


def _flat(query: str) -> str:
    """Leave out whatever stands in parentheses."""
    while (shorter := NESTED.sub(" ", query)) != query:
        query = shorter
    return query


def _asks_now(tree: exp.Expr) -> bool:
    texts = (one.name.lower() for one in tree.find_all(exp.Literal) if one.is_string)
    clocks = (exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp)
    return "in progress" in texts or tree.find(*clocks) is not None


def _given(tree: exp.Expr) -> list[str]:
    """Return the texts that a query hands out itself, instead of comparing with them."""
    texts = (one for one in tree.find_all(exp.Literal) if one.is_string)
    return [one.name for one in texts if one.find_ancestor(*COMPARING) is None][:MAX_LITERALS]


def _literals(tree: exp.Expr) -> list[Any]:
    found: list[Any] = []
    for literal in tree.find_all(exp.Literal):
        if literal.is_string:
            found.append(literal.name.replace("%", ""))
        elif literal.name.isdigit():
            number = int(literal.name)
            found += [number, number + 1, max(0, number - 1)]
    return found[:MAX_LITERALS]


def answer(job: dict[str, Any]) -> str:
    """Do the job of reading a query, or of telling another database's words."""
    read = {
        "differences": differences(job["sql"]),
        "in_text": differences_in_text(job["text"]),
        "in_lesson": differences_in_text(job["lesson"]),
        **facts(job["query"]),
    }
    return json.dumps({"nonce": job["nonce"], **read})
