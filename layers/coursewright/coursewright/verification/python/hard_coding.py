"""Finds solutions that are a table of the tests' inputs instead of a computation.

Loaded as text into the sandbox image.
"""

import ast
import io
import sys
import types
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from coursewright.verification.python.call_observation import Call
from coursewright.verification.python.call_recorder import record_calls

MIN_INPUTS = 3
MIN_KNOWN = 2
MIN_OTHER_INPUTS = 3
MAX_OTHER_INPUTS = 12
MIN_COVERED = 0.9
# Entries that the text itself names, such as the colours of a traffic light, are its rules.
MAX_NAMED_IN_TEXT = 0.67
MAX_SHOWN_CHARS = 80
Inputs = dict[str, tuple[Any, ...]]


def recorded_calls(job: dict[str, Any]) -> list[Call]:
    """Return the calls that the tests make to the solution."""
    solution = compile(job["solution"], "solution.py", "exec")
    return record_calls(job, solution, compile(job["tests"], "tests.py", "exec"), 0)


def results_by_function(calls: list[Call]) -> dict[str, set[str]]:
    """Return the results of each function, as text."""
    results: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        results[call.text.partition("(")[0]].add(call.result)
    return dict(results)


def hard_coding_findings(job: dict[str, Any], calls: list[Call]) -> Iterator[dict[str, Any]]:
    """Yield the functions that know the tests' inputs and nothing else.

    A function that knows some of them and treats all others alike is only suspected, because
    `days_in_month` does so, too.
    """
    tree = ast.parse(job["solution"])
    code = compile(job["solution"], "solution.py", "exec")
    results = {call.text: call.result for call in calls}
    for name, inputs in _inputs_by_function(call.text for call in calls).items():
        keys = _table_keys(tree, name)
        known = {text for text, values in inputs.items() if _key(values) in keys}
        if len(inputs) < MIN_INPUTS or len(known) < MIN_KNOWN:
            continue
        if _are_rules_of_the_text(keys, job["text"]):
            continue
        result = _constant_elsewhere(job["module"], code, name, inputs, keys)
        covered = known | {text for text in inputs if results[text] == result}
        if result and len(covered) >= MIN_COVERED * len(inputs):
            is_sure = len(known) >= MIN_COVERED * len(inputs)
            knows_only_these = len(known) == len(keys)
            if is_sure or knows_only_these:
                code_name = "hard_coded_solution" + ("" if is_sure else "_suspected")
                params = {"result": result[:MAX_SHOWN_CHARS]}
                yield {"code": code_name, "where": [name], "params": params}


def _inputs_by_function(calls: Iterator[str]) -> dict[str, Inputs]:
    """Return the distinct arguments of the calls to each function, as text and as values."""
    inputs: dict[str, Inputs] = defaultdict(dict)
    for text in calls:
        try:
            call = ast.parse(text, mode="eval").body
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                values = tuple(ast.literal_eval(argument) for argument in call.args)
                if values and not call.keywords:
                    inputs[call.func.id][text] = values
        except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
            continue
    return inputs


def _key(values: tuple[Any, ...]) -> str:
    return repr(values[0]) if len(values) == 1 else repr(values)


def _table_keys(tree: ast.Module, name: str) -> set[str]:
    """Return the literals that select a result: keys of tables, and values in comparisons."""
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name]
    constants = [n for n in tree.body if isinstance(n, (ast.Assign, ast.AnnAssign))]
    keys: set[str] = set()
    for node in (part for top in (*functions, *constants) for part in ast.walk(top)):
        candidates: list[ast.expr | None] = []
        if isinstance(node, ast.Dict):
            candidates = list(node.keys)
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
            candidates = [node.left, *node.comparators]
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
            candidates = [e for c in node.comparators for e in getattr(c, "elts", [])]
        elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            candidates = [_compared_tuple(node)]
        elif isinstance(node, ast.MatchValue):
            candidates = [node.value]
        keys |= {key for each in candidates if each is not None for key in _literal_key(each)}
    return keys


def _compared_tuple(node: ast.BoolOp) -> ast.expr | None:
    """Return the values of `a == 1 and b == 2` as a tuple."""
    compared = [part for part in node.values if isinstance(part, ast.Compare)]
    values = [part.comparators[0] for part in compared if isinstance(part.ops[0], ast.Eq)]
    return ast.Tuple(values, ast.Load()) if len(values) == len(node.values) else None


def _literal_key(node: ast.expr) -> Iterator[str]:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return
    yield repr(value)
    if isinstance(value, tuple):
        yield repr(list(value))  # a table cannot have lists as keys


def _are_rules_of_the_text(keys: set[str], text: str) -> bool:
    numbers = sorted(int(key) for key in keys if key.lstrip("-").isdigit())
    if len(numbers) > MIN_INPUTS and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return True
    words = [key.strip("'\"") for key in keys]
    named = [word for word in words if word.casefold() in text.casefold()]
    return len(named) > MAX_NAMED_IN_TEXT * len(words)


def _constant_elsewhere(
    module_name: str, code: types.CodeType, name: str, inputs: Inputs, keys: set[str]
) -> str:
    """Return the one result of a function on inputs outside its table, or an empty string."""
    module = types.ModuleType(module_name)
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(""), io.StringIO(), io.StringIO()
    try:
        exec(code, module.__dict__)  # noqa: S102
    except BaseException:  # noqa: BLE001  code under test may raise anything
        return ""
    function = getattr(module, name, None)
    others = {repr(o): o for values in inputs.values() for o in _others(values)}
    unknown = [o for o in others.values() if _key(o) not in keys][:MAX_OTHER_INPUTS]
    if not callable(function) or len(unknown) < MIN_OTHER_INPUTS:
        return ""
    results = {_result(function, values) for values in unknown}
    return results.pop() if len(results) == 1 else ""


def _result(function: Any, values: tuple[Any, ...]) -> str:
    try:
        return repr(function(*values))
    except Exception as error:  # noqa: BLE001  code under test may raise anything
        return type(error).__name__


def _others(values: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield arguments of the same types that differ slightly in one place."""
    for place, value in enumerate(values):
        for other in _neighbours(value):
            yield (*values[:place], other, *values[place + 1 :])


def _neighbours(value: Any) -> Iterator[Any]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, (int, float)):
        yield from (value + 1, value + 2)
    elif isinstance(value, str):
        yield from (value + value[:1] + "a", value[::-1] + "b")
    elif isinstance(value, (list, tuple)):
        yield from (type(value)([*value, *value[:1]]), value[1:])
