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
LEFT_ALONE = {"annotation", "returns", "decorator_list", "type_params", "msg"}


def _is_left_alone(node: ast.AST) -> bool:
    """Spare what no test should depend on: docstrings, messages of errors, the main guard."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.If) and isinstance(node.test, ast.Compare):
        return isinstance(node.test.left, ast.Name) and node.test.left.id == "__name__"
    return isinstance(node, (ast.Raise, ast.JoinedStr))


def _places(parent: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    for field, value in ast.iter_fields(parent):
        if field in LEFT_ALONE:
            continue
        is_list = isinstance(value, list)
        for index, child in enumerate(value if is_list else [value]):
            if isinstance(child, ast.AST) and not _is_left_alone(child):
                yield parent, field, index if is_list else None, child
                yield from _places(child)


def _like(node: ast.AST, **changes: Any) -> ast.AST:
    variant = copy.copy(node)
    for field, value in changes.items():
        setattr(variant, field, value)
    return variant


def _of_operator(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        for other in COMPARISONS[type(node.ops[0])]:
            yield _like(node, ops=[other(), *node.ops[1:]])
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in ARITHMETIC:
        yield _like(node, op=ARITHMETIC[type(node.op)]())
    elif isinstance(node, ast.BoolOp):
        yield _like(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand


def _of_value(node: ast.AST) -> Iterator[ast.AST]:
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield _like(node, value=not node.value)
    elif isinstance(node.value, (int, float)):
        yield _like(node, value=node.value + 1)
    elif isinstance(node.value, str):
        yield _like(node, value=node.value + "X")


def _of_flow(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, (ast.If, ast.IfExp)):
        yield _like(node, test=ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Return) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield _like(node, value=ast.Constant(None))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
        yield _like(node, func=ast.Name(CALLS[node.func.id], ast.Load()))


def _put(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _first_line(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).partition("\n")[0][:80]


def mutants(source: str, limit: int) -> list[dict[str, str]]:
    """Make at most so many variants of a source, spread over the whole of it."""
    tree = ast.parse(source)
    seen = {ast.unparse(tree)}
    made = []
    for parent, field, index, node in list(_places(tree)):
        for variant in (*_of_operator(node), *_of_value(node), *_of_flow(node)):
            _put(parent, field, index, variant)
            text = ast.unparse(ast.fix_missing_locations(tree))
            _put(parent, field, index, node)
            if text not in seen:
                seen.add(text)
                line = getattr(node, "lineno", 0)
                change = f"line {line}: {_first_line(node)}  →  {_first_line(variant)}"
                made.append({"change": change, "source": text})
    step = max(1.0, len(made) / limit)
    return [made[int(i * step)] for i in range(min(limit, len(made)))]


def vary(job: dict[str, Any]) -> str:
    """Answer with the variants of a source that has not been run."""
    return json.dumps({"nonce": job["nonce"], "mutants": mutants(job["source"], job["limit"])})
