"""Analyses a query without running it; runs in the worker."""

import json
from typing import Any

from sqlglot import exp

from coursewright.verification.sql.dialects import dialect_differences, dialect_differences_in_text
from coursewright.verification.sql.order_dependence import order_dependent_parts
from coursewright.verification.sql.parsing import parse_query
from coursewright.verification.sql.portability import (
    bare_columns,
    case_sensitive_patterns,
    has_open_columns,
)
from coursewright.verification.sql.schema import read_schema

MAX_LITERALS = 40
COMPARISONS = (exp.Where, exp.Having, exp.Join, exp.Predicate, exp.Func)


def _query_facts(query: str, job: dict[str, Any]) -> dict[str, Any]:
    """Return facts about a query: its order, its tables, its literals and its portability."""
    tree = parse_query(query)
    if tree is None:
        return {"is_ordered": "ORDER BY" in _without_parentheses(query).upper()}
    named = {table.alias_or_name.lower() for table in tree.find_all(exp.CTE)}
    read = {table.name.lower() for table in tree.find_all(exp.Table)} - named
    schema = read_schema(job["schema_sql"], allows_quoted_text=job["allows_quoted_text"])
    bare = bare_columns(tree, schema)
    return {
        "is_understood": True,
        "is_ordered": tree.args.get("order") is not None,
        "reads_tables": bool(read),
        "literals": _literals(tree),
        "returned_literals": _returned_literals(tree),
        "bare_columns": bare,
        "case_sensitive_patterns": case_sensitive_patterns(tree),
        "has_open_columns": has_open_columns(tree),
        "order_dependent": order_dependent_parts(tree, has_bare_columns=bool(bare)),
    }


def _without_parentheses(query: str) -> str:
    """Remove everything inside parentheses."""
    kept: list[str] = []
    opened: list[int] = []
    for character in query:
        if character == ")" and opened:
            del kept[opened.pop() :]
            kept.append(" ")
            continue
        if character == "(":
            opened.append(len(kept))
        kept.append(character)
    return "".join(kept)


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
        **_query_facts(job["query"], job),
    }
    return json.dumps({"nonce": job["nonce"], **analysis})
