"""Analyses a query without running it; runs in the worker."""

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
type ForeignSql = tuple[str, str, str]  # expression, its database, SQLite's alternative
BOTH = "PostgreSQL and MySQL"
COMPARISONS = (exp.Where, exp.Having, exp.Join, exp.Predicate, exp.Func)
DATES = "strftime(), date() or julianday() on ISO dates"
# Other databases' functions, each with its database and SQLite's alternative.
FOREIGN_FUNCTIONS = {
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
KEYWORDS = {
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


def dialect_differences(sql: str) -> list[ForeignSql]:
    """Return the parts of a statement that SQLite does not support, with its alternatives."""
    differences: dict[str, ForeignSql] = {}
    for sign in _dialect_signs(sql):
        known = FOREIGN_FUNCTIONS if sign.endswith("(") else KEYWORDS
        if entry := known.get(sign.removesuffix("(")):
            dialect, replacement = entry
            shown = f"{sign}…)" if sign.endswith("(") else sign
            differences[shown] = (shown, dialect, replacement)
    return list(differences.values())[:MAX_DIFFERENCES]


def dialect_differences_in_text(html: str) -> list[ForeignSql]:
    """Return the SQL in an HTML text's code elements that SQLite does not support."""
    differences: dict[ForeignSql, None] = {}
    for piece in CODE.findall(html):
        code = unescape(TAG.sub("", piece)).strip()
        is_query = "SELECT" in code.upper()
        for difference in dialect_differences(code):
            if is_query or code.upper() in KEYWORDS or "(…)" in difference[0]:
                differences[difference] = None
    return list(differences)[:MAX_DIFFERENCES]


def _dialect_signs(sql: str) -> Iterator[str]:
    """Yield each token, each pair of tokens, and each function name with its parenthesis."""
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


def query_facts(query: str) -> dict[str, Any]:
    """Return facts about a query: its order, its tables and its literals."""
    tree = _parse_query(query)
    if tree is None:
        flat = _without_parentheses(query).upper()
        return {
            "is_ordered": "ORDER BY" in flat,
            "reads_tables": True,
            "uses_current_time": False,
            "literals": [],
            "returned_literals": [],
        }
    named = {table.alias_or_name.lower() for table in tree.find_all(exp.CTE)}
    read = {table.name.lower() for table in tree.find_all(exp.Table)} - named
    return {
        "is_ordered": tree.args.get("order") is not None,
        "reads_tables": bool(read),
        "uses_current_time": _uses_current_time(tree),
        "literals": _literals(tree),
        "returned_literals": _returned_literals(tree),
    }


def _parse_query(query: str) -> exp.Expr | None:
    try:
        statements = [tree for tree in parse(query, read="sqlite") if tree is not None]
    except (SqlglotError, RecursionError):
        return None
    return statements[0] if len(statements) == 1 else None


def _without_parentheses(query: str) -> str:
    """Remove everything inside parentheses."""
    while (shorter := NESTED.sub(" ", query)) != query:
        query = shorter
    return query


def _uses_current_time(tree: exp.Expr) -> bool:
    texts = (text.name.lower() for text in tree.find_all(exp.Literal) if text.is_string)
    clocks = (exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp)
    return "now" in texts or tree.find(*clocks) is not None


def _returned_literals(tree: exp.Expr) -> list[str]:
    """Return the text literals that a query returns rather than compares with."""
    texts = (text for text in tree.find_all(exp.Literal) if text.is_string)
    return [text.name for text in texts if text.find_ancestor(*COMPARISONS) is None][:MAX_LITERALS]


def _literals(tree: exp.Expr) -> list[Any]:
    values: list[Any] = []
    for literal in tree.find_all(exp.Literal):
        if literal.is_string:
            values.append(literal.name.replace("%", ""))
        elif literal.name.isdigit():
            number = int(literal.name)
            values += [number, number + 1, max(0, number - 1)]
    return values[:MAX_LITERALS]


def read(job: dict[str, Any]) -> str:
    """Return the facts about a query and its dialect differences as JSON."""
    analysis = {
        "differences": dialect_differences(job["sql"]),
        "in_text": dialect_differences_in_text(job["text"]),
        "in_lesson": dialect_differences_in_text(job["lesson"]),
        **query_facts(job["query"]),
    }
    return json.dumps({"nonce": job["nonce"], **analysis})
