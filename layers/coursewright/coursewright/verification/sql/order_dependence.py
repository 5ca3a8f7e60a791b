"""Finds the parts of a query whose result may depend on the order of rows; runs in the worker."""

from sqlglot import exp

CONCATENATIONS = (exp.GroupConcat, exp.JSONArrayAgg, exp.JSONObjectAgg)
# These depend on the order of rows with equal values; the ranking functions do not.
NUMBERING = (
    exp.RowNumber,
    exp.FirstValue,
    exp.LastValue,
    exp.NthValue,
    exp.Lag,
    exp.Lead,
    exp.Ntile,
)


def order_dependent_parts(tree: exp.Expr, *, has_bare_columns: bool) -> list[str]:
    """Return the kinds of order dependence that a query's syntax allows."""
    limits = [each for each in tree.find_all(exp.Query) if each.args.get("limit")]
    kinds = {
        "bare_column": has_bare_columns,
        "limit_without_order": any(not each.args.get("order") for each in limits),
        "limit_on_tie": any(each.args.get("order") for each in limits),
        "concatenation_order": tree.find(*CONCATENATIONS) is not None,
        "window_on_tie": any(map(_is_numbering, tree.find_all(exp.Window))),
    }
    return [kind for kind, is_present in kinds.items() if is_present]


def _is_numbering(window: exp.Window) -> bool:
    spec = window.args.get("spec")
    counts_rows = spec is not None and spec.args.get("kind") == "ROWS"
    return counts_rows or window.find(*NUMBERING) is not None
