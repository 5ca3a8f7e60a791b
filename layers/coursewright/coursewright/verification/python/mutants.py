"""Makes mutants of a solution: variants with one mistake each, which good tests detect.

Loaded as text into the sandbox image.
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
SWAPPED_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
CHANGING_METHODS = {
    *("append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "add", "discard"),
    *("update", "setdefault", "popitem", "appendleft", "popleft", "rotate", "subtract"),
}
SKIPPED_FIELDS = {"annotation", "returns", "decorator_list", "type_params", "msg", "type_comment"}
Location = tuple[ast.AST, str, int | None, ast.AST, ast.stmt | None]


def _is_skipped(node: ast.AST) -> bool:
    """Whether tests should not depend on a node: a docstring, error message or main guard."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.If) and isinstance(node.test, ast.Compare):
        return isinstance(node.test.left, ast.Name) and node.test.left.id == "__name__"
    return isinstance(node, (ast.Raise, ast.Assert, ast.JoinedStr))


def _locations(parent: ast.AST, statement: ast.stmt | None) -> Iterator[Location]:
    for field, value in ast.iter_fields(parent):
        if field in SKIPPED_FIELDS:
            continue
        is_list = isinstance(value, list)
        for index, child in enumerate(value if is_list else [value]):
            if isinstance(child, ast.AST) and not _is_skipped(child):
                inside = child if isinstance(child, ast.stmt) else statement
                yield parent, field, index if is_list else None, child, inside
                yield from _locations(child, inside)


def _with_changes(node: ast.AST, **changes: Any) -> ast.AST:
    mutated = copy.copy(node)
    for field, value in changes.items():
        setattr(mutated, field, value)
    return mutated


def _operator_mutations(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Compare):
        for other in COMPARISONS[type(node.ops[0])]:
            yield "comparison", _with_changes(node, ops=[other(), *node.ops[1:]])
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in ARITHMETIC:
        yield "arithmetic", _with_changes(node, op=ARITHMETIC[type(node.op)]())
    elif isinstance(node, ast.BoolOp):
        other_op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "logic", _with_changes(node, op=other_op)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "logic", ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])


def _value_mutations(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield "constant", _with_changes(node, value=not node.value)
    elif isinstance(node.value, (int, float)):
        yield "number", _with_changes(node, value=node.value + 1)
    elif isinstance(node.value, str):
        yield "text", _with_changes(node, value=node.value + "X")


def _flow_mutations(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, (ast.If, ast.IfExp)) and not _is_simple_comparison(node.test):
        yield "condition", _with_changes(node, test=ast.UnaryOp(ast.Not(), node.test))
    elif isinstance(node, ast.Return) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield "result", _with_changes(node, value=ast.Constant(None))
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in SWAPPED_CALLS
    ):
        yield "call", _with_changes(node, func=ast.Name(SWAPPED_CALLS[node.func.id], ast.Load()))


def _is_simple_comparison(test: ast.expr) -> bool:
    """Whether negating the comparison operator already negates the condition."""
    return isinstance(test, ast.Compare) and len(test.ops) == 1


def _statement_mutations(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, (ast.If, ast.IfExp)):
        yield "branch", _with_changes(node, test=ast.Constant(True))
        yield "branch", _with_changes(node, test=ast.Constant(False))
    elif isinstance(node, ast.For):
        yield "loop", _with_changes(node, iter=ast.Tuple([], ast.Load()))
    elif isinstance(node, (ast.Break, ast.Continue)):
        yield "jump", ast.Pass()
    elif isinstance(node, ast.AugAssign) or _is_call(node) or _assigns_a_part(node):
        yield "statement", ast.Pass()


def _argument_mutations(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield functions that leave an argument as it is, although the original may change it."""
    if not isinstance(node, ast.FunctionDef) or not _returns_value(node):
        return
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    assigned = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and _is_stored(n)}
    changed = {name for part in ast.walk(node) for name in _names_changed(part)}
    for name in names:
        if name in changed - assigned - {"self", "cls"}:
            copying = ast.parse(f"{name} = __import__('copy').deepcopy({name})").body
            yield "argument", _with_changes(node, body=[*copying, *node.body])


def _returns_value(function: ast.FunctionDef) -> bool:
    return any(isinstance(n, ast.Return) and n.value is not None for n in ast.walk(function))


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _names_changed(node: ast.AST) -> Iterator[str]:
    """Yield the names whose values a node changes in place."""
    changed: list[ast.expr] = []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        changed = [node.func.value] if node.func.attr in CHANGING_METHODS else []
    elif isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
        changed = [node.value]
    yield from (part.id for part in changed if isinstance(part, ast.Name))


def _changed_part(kind: str, node: ast.AST) -> ast.AST:
    """Return the part of a mutated statement to show."""
    return node.body[0] if kind == "argument" and isinstance(node, ast.FunctionDef) else node


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def _assigns_a_part(node: ast.AST) -> bool:
    is_part = (ast.Attribute, ast.Subscript)
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], is_part)


def _replace_child(parent: ast.AST, field: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[index] = node


def _first_line(node: ast.AST) -> str:
    return ast.unparse(node).partition("\n")[0][:100]


def _mutations(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    yield from _operator_mutations(node)
    yield from _value_mutations(node)
    yield from _flow_mutations(node)
    yield from _statement_mutations(node)
    yield from _argument_mutations(node)


def _all_mutants(source: str) -> Iterator[dict[str, str]]:
    """Yield every possible mutant with its kind and the changed line as a diff."""
    tree = ast.parse(source)
    seen = {ast.unparse(tree)}
    for parent, field, index, node, statement in list(_locations(tree, None)):
        for kind, mutated in _mutations(node):
            shown = mutated if node is statement else statement
            before = _first_line(statement or node)
            _replace_child(parent, field, index, ast.copy_location(mutated, node))
            ast.fix_missing_locations(mutated)
            text, after = ast.unparse(tree), _first_line(_changed_part(kind, shown or mutated))
            _replace_child(parent, field, index, node)
            if text not in seen:
                seen.add(text)
                line = getattr(statement or node, "lineno", 0)
                yield {
                    "kind": kind,
                    "line": str(line),
                    "diff": f"-{before}\n+{after}",
                    "source": text,
                }


def _interleave_lines(mutants: list[dict[str, str]]) -> list[dict[str, str]]:
    """Put each line's first mutant before any line's second, so that no line dominates."""
    seen: dict[str, int] = {}
    ranks = []
    for mutant in mutants:
        ranks.append(seen.get(mutant["line"], 0))
        seen[mutant["line"]] = ranks[-1] + 1
    return [mutants[at] for at in sorted(range(len(mutants)), key=lambda at: ranks[at])]


def _choose_mutants(mutants: list[dict[str, str]], limit: int) -> list[dict[str, str]]:
    """Choose up to `limit` mutants of all kinds and from the whole source."""
    kinds: dict[str, list[dict[str, str]]] = {}
    for mutant in mutants:
        kinds.setdefault(mutant["kind"], []).append(mutant)
    counts = dict.fromkeys(kinds, 0)
    for _ in range(min(limit, len(mutants))):
        open_kinds = [kind for kind in kinds if counts[kind] < len(kinds[kind])]
        counts[min(open_kinds, key=lambda kind: counts[kind])] += 1
    chosen = [
        mutant for kind, count in counts.items() for mutant in _choose_of_kind(kinds[kind], count)
    ]
    return sorted(chosen, key=lambda mutant: int(mutant["line"]))


def _choose_of_kind(mutants: list[dict[str, str]], count: int) -> list[dict[str, str]]:
    lines = len({mutant["line"] for mutant in mutants})
    interleaved = _interleave_lines(mutants)
    # If there are more lines than choices, the choices are spread over the whole source.
    if lines > count:
        return [interleaved[i * lines // count] for i in range(count)]
    return interleaved[:count]


def make_mutants(source: str, limit: int) -> list[dict[str, str]]:
    """Return up to `limit` mutants of a source, spread over kinds and lines."""
    return _choose_mutants(list(_all_mutants(source)), limit)


def mutate(job: dict[str, Any]) -> str:
    """Return a source's mutants as JSON, without running the source."""
    mutants = make_mutants(job["source"], job["limit"])
    return json.dumps({"nonce": job["nonce"], "mutants": mutants})
