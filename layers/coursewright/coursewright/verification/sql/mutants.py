"""Writes wrong variants of a query, one change each; read by the worker."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

MAX_MUTANTS = 24
MAX_CANDIDATE_MUTANTS = 96
MAX_SNIPPET_CHARS = 160

Change = Callable[[Any], str | None]

COMPARISONS: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.LT: exp.LTE,
    exp.LTE: exp.LT,
    exp.GT: exp.GTE,
    exp.GTE: exp.GT,
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
    exp.And: exp.Or,
    exp.Or: exp.And,
    exp.Add: exp.Sub,
    exp.Sub: exp.Add,
    exp.Mul: exp.Add,
    exp.Div: exp.Mul,
}
AGGREGATES: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.Sum: exp.Max,
    exp.Avg: exp.Max,
    exp.Min: exp.Max,
    exp.Max: exp.Min,
}


def _words(node: exp.Expr) -> str:
    return node.sql("sqlite")


def _join_kind(join: exp.Join) -> str | None:
    if join.args.get("side") == "LEFT":
        join.set("side", None)
        return "LEFT JOIN becomes JOIN"
    if (
        join.args.get("side")
        or join.args.get("kind") in ("CROSS", "LEFT")
        or not join.args.get("on")
    ):
        return None
    join.set("kind", None)
    join.set("side", "LEFT")
    return "JOIN becomes LEFT JOIN"


def _without(name: str) -> Change:
    def leave_out(node: exp.Expr) -> str | None:
        clause = node.args.get(name)
        if clause is None:
            return None
        node.set(name, None)
        return f"{_words(clause)} left out"

    return leave_out


def _other_operator(node: exp.Expr) -> str | None:
    if isinstance(node, exp.EQ) and isinstance(node.parent, exp.Join):
        return None
    other = (COMPARISONS | AGGREGATES)[type(node)](**node.args)
    words = f"{_words(node)} becomes {_words(other)}"
    node.replace(other)
    return words


def _one_side(keep: str) -> Change:
    def keep_one(node: exp.Expr) -> str | None:
        words = f"{_words(node)} becomes {_words(node.args[keep])}"
        node.replace(node.args[keep])
        return words

    return keep_one


def _negated(node: exp.Expr) -> str | None:
    around = node.parent
    if isinstance(around, exp.Not):
        words = f"{_words(around)} is turned around"
        around.replace(node)
    else:
        words = f"{_words(node)} is turned around"
        node.replace(exp.Not(this=node.copy()))
    return words


def _count(node: exp.Count) -> str | None:
    before, inner = _words(node), node.this
    if isinstance(inner, exp.Distinct):
        node.set("this", inner.expressions[0])
    elif not isinstance(inner, exp.Star):
        node.set("this", exp.Star())
    else:
        return None
    return f"{before} becomes {_words(node)}"


def _distinct_argument(node: exp.Distinct) -> str | None:
    if isinstance(node.parent, exp.Select | exp.Count) or len(node.expressions) != 1:
        return None
    before = _words(node)
    node.replace(node.expressions[0])
    return f"{before} without DISTINCT"


def _add_distinct(node: exp.Select) -> str | None:
    if node.args.get("distinct"):
        return None
    node.set("distinct", exp.Distinct())
    return "DISTINCT added"


def _coalesce(node: exp.Coalesce) -> str | None:
    words = f"{_words(node)} becomes {_words(node.this)}"
    node.replace(node.this)
    return words


def _union(node: exp.Union) -> str | None:
    node.set("distinct", not node.args.get("distinct"))
    return "UNION becomes UNION ALL" if not node.args["distinct"] else "UNION ALL becomes UNION"


def _literal(node: exp.Literal) -> str | None:
    if node.is_string or not node.name.isdigit() or isinstance(node.parent, exp.Ordered):
        return None
    words = f"{node.name} becomes {int(node.name) + 1}"
    node.replace(exp.Literal.number(int(node.name) + 1))
    return words


def _direction(node: exp.Ordered) -> str | None:
    words = f"ORDER BY {_words(node)} is turned around"
    node.set("desc", not node.args.get("desc"))
    node.set("nulls_first", None)
    return words


def _last_term(node: exp.Order | exp.Group) -> str | None:
    if len(node.expressions) < 2:
        return None
    left_out = node.expressions[-1]
    node.set("expressions", node.expressions[:-1])
    return f"{_words(left_out)} left out of {node.key.upper()} BY"


def _pattern(node: exp.Like) -> str | None:
    pattern = node.expression
    if not isinstance(pattern, exp.Literal) or "%" not in pattern.name:
        return None
    words = f"{_words(pattern)} becomes an exact text"
    pattern.replace(exp.Literal.string(pattern.name.replace("%", "")))
    return words


CHANGES: tuple[tuple[str, type[exp.Expr] | tuple[type[exp.Expr], ...], Change], ...] = (
    ("join", exp.Join, _join_kind),
    ("where", exp.Select, _without("where")),
    ("having", exp.Select, _without("having")),
    ("comparison", (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.EQ, exp.NEQ), _other_operator),
    ("logic", (exp.And, exp.Or), _other_operator),
    ("condition", (exp.And, exp.Or), _one_side("this")),
    ("condition", (exp.And, exp.Or), _one_side("expression")),
    ("aggregate", tuple(AGGREGATES), _other_operator),
    ("count", exp.Count, _count),
    ("distinct", exp.Select, _without("distinct")),
    ("distinct", exp.Distinct, _distinct_argument),
    ("distinct", exp.Select, _add_distinct),
    ("null", exp.Coalesce, _coalesce),
    ("null", exp.Is, _negated),
    ("membership", (exp.In, exp.Exists, exp.Between), _negated),
    ("union", exp.Union, _union),
    ("arithmetic", (exp.Add, exp.Sub, exp.Mul, exp.Div), _other_operator),
    ("number", exp.Literal, _literal),
    ("limit", exp.Select, _without("limit")),
    ("group", (exp.Group,), _last_term),
    ("order", exp.Ordered, _direction),
    ("order", exp.Order, _last_term),
    ("pattern", exp.Like, _pattern),
)


def variants(query: str) -> list[dict[str, str]]:
    """Return the query as the parser writes it, then wrong variants spread over the kinds.

    Nothing where the parser does not understand the query.
    """
    try:
        statements = [one for one in parse(query, read="sqlite") if one is not None]
    except (SqlglotError, RecursionError):
        return []
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        return []
    same = {"kind": "same", "change": "", "source": _words(statements[0])}
    found = _unlike(_mutants(statements[0]), same["source"])
    return [same, *_spread(found)[:MAX_CANDIDATE_MUTANTS]]


def _mutants(tree: exp.Expr) -> Iterator[dict[str, str]]:
    nodes = list(tree.walk())
    for kind, types, change in CHANGES:
        for place, node in enumerate(nodes):
            if isinstance(node, types):
                # The root may be replaced, so each variant grows in a pot of its own.
                pot = exp.Paren(this=tree.copy())
                words = change(list(pot.this.walk())[place])
                if words is not None:
                    source = _words(pot.this)
                    yield {"kind": kind, "change": words[:MAX_SNIPPET_CHARS], "source": source}


def _unlike(mutants: Iterable[dict[str, str]], query: str) -> Iterator[dict[str, str]]:
    seen = {query}
    for mutant in mutants:
        if mutant["source"] not in seen:
            seen.add(mutant["source"])
            yield mutant


def _spread(mutants: Iterable[dict[str, str]]) -> Sequence[dict[str, str]]:
    by_kind: dict[str, list[dict[str, str]]] = {}
    for mutant in mutants:
        by_kind.setdefault(mutant["kind"], []).append(mutant)
    return [one for turn in zip_longest(*by_kind.values()) for one in turn if one is not None]


def answer(job: dict[str, Any]) -> str:
    """Do the job of writing variants."""
    return json.dumps({"nonce": job["nonce"], "variants": variants(job["query"])})
