"""Generates mutants of a query, each with a single change; runs in the worker."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from sqlglot import exp

from coursewright.verification.sql.parsing import parse_query

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


def _sql(node: exp.Expr) -> str:
    return node.sql("sqlite")


def _swap_join(join: exp.Join) -> str | None:
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


def _drop_clause(name: str) -> Change:
    def drop(node: exp.Expr) -> str | None:
        clause = node.args.get(name)
        if clause is None:
            return None
        node.set(name, None)
        return f"{_sql(clause)} is removed"

    return drop


def _swap_operator(node: exp.Expr) -> str | None:
    if isinstance(node, exp.EQ) and isinstance(node.parent, exp.Join):
        return None
    other = (COMPARISONS | AGGREGATES)[type(node)](**node.args)
    change = f"{_sql(node)} becomes {_sql(other)}"
    node.replace(other)
    return change


def _keep_side(keep: str) -> Change:
    def keep_side(node: exp.Expr) -> str | None:
        change = f"{_sql(node)} becomes {_sql(node.args[keep])}"
        node.replace(node.args[keep])
        return change

    return keep_side


def _negate(node: exp.Expr) -> str | None:
    around = node.parent
    if isinstance(around, exp.Not):
        change = f"{_sql(around)} is negated"
        around.replace(node)
    else:
        change = f"{_sql(node)} is negated"
        node.replace(exp.Not(this=node.copy()))
    return change


def _change_count(node: exp.Count) -> str | None:
    before, inner = _sql(node), node.this
    if isinstance(inner, exp.Distinct):
        node.set("this", inner.expressions[0])
    elif not isinstance(inner, exp.Star):
        node.set("this", exp.Star())
    else:  # tells only whether there is a row
        node.set("this", exp.Distinct(expressions=[exp.Literal.number(1)]))
    return f"{before} becomes {_sql(node)}"


def _drop_distinct_argument(node: exp.Distinct) -> str | None:
    if isinstance(node.parent, exp.Select | exp.Count) or len(node.expressions) != 1:
        return None
    before = _sql(node)
    node.replace(node.expressions[0])
    return f"{before} loses its DISTINCT"


def _add_distinct(node: exp.Select) -> str | None:
    if node.args.get("distinct"):
        return None
    node.set("distinct", exp.Distinct())
    return "DISTINCT is added"


def _drop_coalesce(node: exp.Coalesce) -> str | None:
    change = f"{_sql(node)} becomes {_sql(node.this)}"
    node.replace(node.this)
    return change


def _toggle_union(node: exp.Union) -> str | None:
    node.set("distinct", not node.args.get("distinct"))
    return "UNION becomes UNION ALL" if not node.args["distinct"] else "UNION ALL becomes UNION"


def _increment_literal(node: exp.Literal) -> str | None:
    if node.is_string or not node.name.isdigit() or isinstance(node.parent, exp.Ordered):
        return None
    change = f"{node.name} becomes {int(node.name) + 1}"
    node.replace(exp.Literal.number(int(node.name) + 1))
    return change


def _reverse_direction(node: exp.Ordered) -> str | None:
    change = f"ORDER BY {_sql(node)} is reversed"
    node.set("desc", not node.args.get("desc"))
    node.set("nulls_first", None)
    return change


def _drop_last_term(node: exp.Order | exp.Group) -> str | None:
    if len(node.expressions) < 2:
        return None
    dropped = node.expressions[-1]
    node.set("expressions", node.expressions[:-1])
    return f"{_sql(dropped)} is removed from {node.key.upper()} BY"


def _swap_columns(node: exp.Select) -> str | None:
    if node.parent_select is not None or len(node.expressions) < 2:
        return None
    first, second, *others = node.expressions
    if first.is_star or second.is_star:
        return None
    values = [
        exp.alias_(b.unalias(), a.alias_or_name) for a, b in ((first, second), (second, first))
    ]
    node.set("expressions", [*values, *others])
    return f"{_sql(first)} and {_sql(second)} are swapped"


def _make_pattern_exact(node: exp.Like) -> str | None:
    pattern = node.expression
    if not isinstance(pattern, exp.Literal) or "%" not in pattern.name:
        return None
    change = f"{_sql(pattern)} becomes an exact match"
    pattern.replace(exp.Literal.string(pattern.name.replace("%", "")))
    return change


CHANGES: tuple[tuple[str, type[exp.Expr] | tuple[type[exp.Expr], ...], Change], ...] = (
    ("join", exp.Join, _swap_join),
    ("where", exp.Select, _drop_clause("where")),
    ("having", exp.Select, _drop_clause("having")),
    ("comparison", (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.EQ, exp.NEQ), _swap_operator),
    ("logic", (exp.And, exp.Or), _swap_operator),
    ("condition", (exp.And, exp.Or), _keep_side("this")),
    ("condition", (exp.And, exp.Or), _keep_side("expression")),
    ("aggregate", tuple(AGGREGATES), _swap_operator),
    ("count", exp.Count, _change_count),
    ("distinct", exp.Select, _drop_clause("distinct")),
    ("distinct", exp.Distinct, _drop_distinct_argument),
    ("distinct", exp.Select, _add_distinct),
    ("null", exp.Coalesce, _drop_coalesce),
    ("null", exp.Is, _negate),
    ("membership", (exp.In, exp.Exists, exp.Between), _negate),
    ("union", exp.Union, _toggle_union),
    ("arithmetic", (exp.Add, exp.Sub, exp.Mul, exp.Div), _swap_operator),
    ("number", exp.Literal, _increment_literal),
    ("limit", exp.Select, _drop_clause("limit")),
    ("group", (exp.Group,), _drop_last_term),
    ("group", exp.Select, _drop_clause("group")),
    ("columns", exp.Select, _swap_columns),
    ("order", exp.Ordered, _reverse_direction),
    ("order", exp.Order, _drop_last_term),
    ("pattern", exp.Like, _make_pattern_exact),
)


def make_mutants(query: str) -> list[dict[str, str]]:
    """Return the query as formatted by the parser, then its mutants, spread over the kinds.

    The list is empty if the parser does not understand the query.
    """
    tree = parse_query(query)
    if not isinstance(tree, exp.Query):
        return []
    rewritten = {"kind": "same", "change": "", "source": _sql(tree)}
    mutants = _distinct(_all_mutants(tree), rewritten["source"])
    return [rewritten, *_interleave_kinds(mutants)[:MAX_CANDIDATE_MUTANTS]]


def _all_mutants(tree: exp.Expr) -> Iterator[dict[str, str]]:
    nodes = list(tree.walk())
    for kind, types, make_change in CHANGES:
        for index, node in enumerate(nodes):
            if isinstance(node, types):
                # The root itself may be replaced, so each mutant is built inside a wrapper.
                wrapper = exp.Paren(this=tree.copy())
                change = make_change(list(wrapper.this.walk())[index])
                if change is not None:
                    source = _sql(wrapper.this)
                    yield {"kind": kind, "change": change[:MAX_SNIPPET_CHARS], "source": source}


def _distinct(mutants: Iterable[dict[str, str]], query: str) -> Iterator[dict[str, str]]:
    seen = {query}
    for mutant in mutants:
        if mutant["source"] not in seen:
            seen.add(mutant["source"])
            yield mutant


def _interleave_kinds(mutants: Iterable[dict[str, str]]) -> Sequence[dict[str, str]]:
    by_kind: dict[str, list[dict[str, str]]] = {}
    for mutant in mutants:
        by_kind.setdefault(mutant["kind"], []).append(mutant)
    rounds = zip_longest(*by_kind.values())
    return [mutant for mutants in rounds for mutant in mutants if mutant is not None]
