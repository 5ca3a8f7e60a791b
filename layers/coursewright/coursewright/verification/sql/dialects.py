"""Finds SQL that belongs to other databases; runs in the worker."""

import re
from collections.abc import Iterator
from html import unescape

from sqlglot import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

MAX_DIFFERENCES = 5
CODE_START = re.compile(r"<(?:code|pre)\b[^<>]*>", re.IGNORECASE)
CODE_END = re.compile(r"</(?:code|pre)>", re.IGNORECASE)
TAG = re.compile(r"<[^<>]*>")
type ForeignSql = tuple[str, str, str]  # expression, its database, SQLite's alternative
BOTH = "PostgreSQL and MySQL"
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
    for piece in _code_pieces(html):
        code = unescape(TAG.sub("", piece)).strip()
        is_query = "SELECT" in code.upper()
        for difference in dialect_differences(code):
            if is_query or code.upper() in KEYWORDS or "(…)" in difference[0]:
                differences[difference] = None
    return list(differences)[:MAX_DIFFERENCES]


def _code_pieces(html: str) -> Iterator[str]:
    for after_start in CODE_START.split(html)[1:]:
        piece, *rest = CODE_END.split(after_start, maxsplit=1)
        if rest:
            yield piece


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
