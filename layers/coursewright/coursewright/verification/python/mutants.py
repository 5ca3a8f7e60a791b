"""Makes wrong variants of a solution, which good tests tell from the right one.

This file is read as text into the prepared image, next to the guest.
"""

import ast
import copy
import json
from collections.abc import Iterator
from typing import Any

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
LEFT_ALONE = {"annotation", "returns", "decorator_list", "type_params", "msg", "type_comment"}
Place = tuple[ast.AST, str, int | None, ast.AST, ast.stmt | None]


def _is_left_alone(node: ast.AST) -> bool:
    """Spare what no test should depend on: docstrings, messages of errors, the main guard."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.If) and isinstance(node.test, ast.Compare):
        return isinstance(node.test.left, ast.Name) and node.test.left.id == "__name__"
    return isinstance(node, (ast.Raise, ast.Assert, ast.JoinedStr))


def _places(parent: ast.AST, statement: ast.stmt | None) -> Iterator[Place]:
    for field, value in ast.iter_fields(parent):
        if field in LEFT_ALONE:
            continue
        is_list = isinstance(value, list)
        for index, child in enumerate(value if is_list else [value]):
            if isinstance(child, ast.AST) and not _is_left_alone(child):
                inside = child if isinstance(child, ast.stmt) else statement
                yield parent, field, index if is_list else None, child, inside
                yield from _places(child, inside)


def _like(node: ast.AST, **changes: Any) -> ast.AST:
    variant = copy.copy(node)
    for field, value in changes.items():
        setattr(variant, field, value)
    return variant


def _of_operator(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Compare):
        for other in COMPARISONS[type(node.ops[0])]:
            yield "comparison", _like(node, ops=[other(), *node.ops[1:]])
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in ARITHMETIC:
        yield "arithmetic", _like(node, op=ARITHMETIC[type(node.op)]())
    elif isinstance(node, ast.BoolOp):
        other_op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "logic", _like(node, op=other_op)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "logic", ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])


def _of_value(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield "constant", _like(node, value=not node.value)
    elif isinstance(node.value, (int, float)):
        yield "number", _like(node, value=node.value + 1)
    elif isinstance(node.value, str):
        yield "text", _like(node, value=node.value + "X")


def _of_flow(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, (ast.If, ast.IfExp)) and not _is_simple_comparison(node.test):
        yield "condition", _like(node, test=ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Return) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield "result", _like(node, value=ast.Constant(None))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
        yield "call", _like(node, func=ast.Name(CALLS[node.func.id], ast.Load()))


def _is_simple_comparison(test: ast.expr) -> bool:
    """Return whether turning a comparison's operator around turns the condition around."""
    return isinstance(test, ast.Compare) and len(test.ops) == 1


def _of_statement(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, (ast.If, ast.IfExp)):
        yield "branch", _like(node, test=ast.Constant(True))
        yield "branch", _like(node, test=ast.Constant(False))
    elif isinstance(node, ast.For):
        yield "loop", _like(node, iter=ast.Tuple([], ast.Load()))
    elif isinstance(node, (ast.Break, ast.Continue)):
        yield "jump", ast.Pass()
    elif isinstance(node, ast.AugAssign) or _is_call(node) or _changes_a_part(node):
        yield "statement", ast.Pass()


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def _changes_a_part(node: ast.AST) -> bool:
    is_part = (ast.Attribute, ast.Subscript)
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], is_part)


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _first_line(node: ast.AST) -> str:
    return ast.unparse(node).partition("\n")[0][:100]


def _variants(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    yield from _of_operator(node)
    yield from _of_value(node)
    yield from _of_flow(node)
    yield from _of_statement(node)


def _made(source: str) -> Iterator[dict[str, str]]:
    """Make every variant there is, each with its kind and the changed line as a diff."""
    tree = ast.parse(source)
    seen = {ast.unparse(tree)}
    for parent, field, index, node, statement in list(_places(tree, None)):
        for kind, variant in _variants(node):
            shown = variant if node is statement else statement
            before = _first_line(statement or node)
            _put(parent, field, index, ast.copy_location(variant, node))
            ast.fix_missing_locations(variant)
            text, after = ast.unparse(tree), _first_line(shown or variant)
            _put(parent, field, index, node)
            if text not in seen:
                seen.add(text)
                line = getattr(statement or node, "lineno", 0)
                yield {
                    "kind": kind,
                    "line": str(line),
                    "diff": f"-{before}\n+{after}",
                    "source": text,
                }


def _one_a_line(made: list[dict[str, str]]) -> list[dict[str, str]]:
    """Put the first variant of each line before the second of any: a table has many on one."""
    seen: dict[str, int] = {}
    turns = []
    for mutant in made:
        turns.append(seen.get(mutant["line"], 0))
        seen[mutant["line"]] = turns[-1] + 1
    return [made[at] for at in sorted(range(len(made)), key=lambda at: turns[at])]


def _spread(made: list[dict[str, str]], limit: int) -> list[dict[str, str]]:
    """Choose so many, from all kinds and from the whole length of the source."""
    kinds: dict[str, list[dict[str, str]]] = {}
    for mutant in made:
        kinds.setdefault(mutant["kind"], []).append(mutant)
    shares = dict.fromkeys(kinds, 0)
    for _ in range(min(limit, len(made))):
        open_kinds = [kind for kind in kinds if shares[kind] < len(kinds[kind])]
        shares[min(open_kinds, key=lambda kind: shares[kind])] += 1
    chosen = [one for kind, share in shares.items() for one in _chosen(kinds[kind], share)]
    return sorted(chosen, key=lambda mutant: int(mutant["line"]))


def _chosen(made: list[dict[str, str]], share: int) -> list[dict[str, str]]:
    lines = len({mutant["line"] for mutant in made})
    by_turn = _one_a_line(made)
    # Where there are more lines than choices, they come from the whole length.
    if lines > share:
        return [by_turn[i * lines // share] for i in range(share)]
    return by_turn[:share]


def mutants(source: str, limit: int) -> list[dict[str, str]]:
    """Make at most so many variants of a source, spread over its kinds of mistake."""
    return _spread(list(_made(source)), limit)


def vary(job: dict[str, Any]) -> str:
    """Answer with the variants of a source that has not been run."""
    return json.dumps({"nonce": job["nonce"], "mutants": mutants(job["source"], job["limit"])})
