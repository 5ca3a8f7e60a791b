"""Finds parts of a query that other databases treat differently; runs in the worker."""

from collections.abc import Iterator, Sequence

from sqlglot import exp

from coursewright.verification.sql.schema import TableKeys

MAX_FOUND = 5
MAX_DEPTH = 20
# Aggregates that the parser does not know.
UNKNOWN_AGGREGATES = {"total"}
AGGREGATES = (exp.AggFunc, exp.Filter, exp.JSONArrayAgg, exp.JSONObjectAgg)
MAX_SNIPPET_CHARS = 160
Expression = exp.Expr


def bare_columns(tree: Expression, schema: TableKeys) -> list[str]:
    """Return the columns of grouped queries that are neither grouped nor aggregated.

    Columns of a table whose whole key is grouped are allowed, as in PostgreSQL and MySQL.
    """
    columns = {
        column.sql("sqlite"): None
        for select in tree.find_all(exp.Select)
        for column in _bare_columns(select, schema)
    }
    return list(columns)[:MAX_FOUND]


def _bare_columns(select: exp.Select, schema: TableKeys) -> Iterator[exp.Column]:
    group = select.args.get("group")
    having, order = select.args.get("having"), select.args.get("order")
    outputs = [*select.expressions, *filter(None, (having, order))]
    if group is None and not any(map(_aggregates, outputs)):
        return
    aliases = {each.alias.lower(): each.this for each in select.expressions if each.alias}
    terms = [_resolved(term, select, aliases) for term in (group.expressions if group else ())]
    for output in outputs:
        for column in _outside_aggregates(output, terms):
            is_alias = not column.table and column.name.lower() in aliases
            is_output_alias = is_alias and output in (having, order)
            if not is_output_alias and not _is_determined(column, select, terms, schema):
                yield column


def _aggregates(node: Expression) -> bool:
    """Return whether an expression aggregates rows, apart from subqueries and windows."""
    if isinstance(node, exp.Query):
        return False
    if _is_aggregate(node) and not isinstance(node.parent, exp.Window):
        return True
    return any(_aggregates(child) for child in node.iter_expressions())


def _is_aggregate(node: Expression) -> bool:
    """Return whether a function aggregates if it has no window; max(a, b) does not."""
    if isinstance(node, exp.Max | exp.Min):
        return not node.expressions
    if isinstance(node, exp.Anonymous):
        return node.name.lower() in UNKNOWN_AGGREGATES
    return isinstance(node, AGGREGATES)


def _resolved(term: Expression, select: exp.Select, aliases: dict[str, Expression]) -> Expression:
    """Return the expression to which a number or an alias in GROUP BY refers."""
    if isinstance(term, exp.Literal) and term.name.isdigit():
        index = int(term.name) - 1
        if index < len(select.expressions):
            output: Expression = select.expressions[index].unalias()
            return output
    if isinstance(term, exp.Column) and not term.table:
        return aliases.get(term.name.lower(), term)
    return term


def _outside_aggregates(node: Expression, terms: Sequence[Expression]) -> Iterator[exp.Column]:
    if isinstance(node, exp.Query) or any(_is_same(node, term) for term in terms):
        return
    if isinstance(node, exp.Column):
        if not isinstance(node.this, exp.Star):
            yield node
        return
    is_window = isinstance(node.parent, exp.Window)
    if _is_aggregate(node) and not is_window:
        return
    for child in node.iter_expressions():
        yield from _outside_aggregates(child, terms)


def _is_same(node: Expression, other: Expression) -> bool:
    if isinstance(node, exp.Column) and isinstance(other, exp.Column):
        is_same_table = not (node.table and other.table) or _same(node.table, other.table)
        return _same(node.name, other.name) and is_same_table
    return node.sql("sqlite").lower() == other.sql("sqlite").lower()


def _same(name: str, other: str) -> bool:
    return name.lower() == other.lower()


def _is_determined(
    column: exp.Column, select: exp.Select, terms: Sequence[Expression], schema: TableKeys
) -> bool:
    """Return whether the whole key of a column's table is grouped."""
    for table in _tables(select):
        known = schema.get(table.name.lower())
        is_owner = _same(column.table, table.alias_or_name) if column.table else True
        if known is None or not is_owner or column.name.lower() not in known.columns:
            continue
        keys = [exp.column(name, table=table.alias_or_name) for name in known.key]
        if keys and all(any(_is_same(key, term) for term in terms) for key in keys):
            return True
    return False


def _tables(select: exp.Select) -> list[exp.Table]:
    sources = [select.args.get("from_"), *(select.args.get("joins") or ())]
    return [each.this for each in sources if each and isinstance(each.this, exp.Table)]


def case_sensitive_patterns(tree: Expression) -> list[str]:
    """Return comparisons with LIKE in which upper and lower case matter to other databases."""
    patterns = (like for like in tree.find_all(exp.Like) if not _is_one_case(like))
    shown = {like.sql("sqlite")[:MAX_SNIPPET_CHARS]: None for like in patterns}
    return list(shown)[:MAX_FOUND]


def _is_one_case(like: exp.Like) -> bool:
    """Return whether the pattern has no letters, or both sides have only one case."""
    text, pattern = like.this, like.expression
    literals = [each.name for each in pattern.find_all(exp.Literal) if each.is_string]
    columns = list(pattern.find_all(exp.Column))
    if not columns and not any(_has_case(literal) for literal in literals):
        return True
    for function, is_case in ((exp.Lower, str.lower), (exp.Upper, str.upper)):
        if _is_inside(pattern, function) or (
            all(is_case(literal) == literal for literal in literals)
            and all(column.find_ancestor(function) for column in columns)
        ):
            return _is_inside(text, function)
    return False


def _is_inside(node: Expression, function: type[Expression]) -> bool:
    while isinstance(node, exp.Paren | exp.Trim | exp.Coalesce):
        node = node.this
    return isinstance(node, function)


def _has_case(text: str) -> bool:
    return text.lower() != text.upper()


def has_open_columns(tree: Expression) -> bool:
    """Return whether the result has the columns of a table, in the order of its definition."""
    named = {cte.alias_or_name.lower(): cte.this for cte in tree.find_all(exp.CTE)}
    return isinstance(tree, exp.Query) and _is_open(tree, named, depth=0)


def _is_open(query: Expression | None, named: dict[str, Expression], depth: int) -> bool:
    """Return whether a query, or a table in its place, leaves its columns open."""
    if isinstance(query, exp.Table):
        if query.name.lower() not in named:
            return True
        query = named[query.name.lower()]
    while isinstance(query, exp.SetOperation | exp.Subquery):
        query = query.this
    if depth > MAX_DEPTH or not isinstance(query, exp.Select):  # a recursive CTE
        return False
    if not any(each.is_star and not isinstance(each, AGGREGATES) for each in query.expressions):
        return False
    sources = filter(None, [query.args.get("from_"), *(query.args.get("joins") or ())])
    return any(_is_open(source.this, named, depth + 1) for source in sources)
