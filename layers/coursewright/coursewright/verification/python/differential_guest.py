"""Differential testing: searches for inputs on which two solutions to a task differ.

If both are based on the same text, such an input shows where the text is ambiguous.

Loaded as text into the sandbox image.
"""

import ast
import itertools
import json
import math
from typing import Any

from coursewright.verification.python.call_observation import Call
from coursewright.verification.python.call_recorder import record_calls
from coursewright.verification.python.differential_fuzzing import (
    expected_errors,
    fuzzed_tests,
    prepare,
)

MAX_DIFFERENCES = 3


def _values_agree(left: Any, right: Any) -> bool:
    """Whether two values agree; floating-point numbers may differ in their last digits."""
    if isinstance(left, float) or isinstance(right, float):
        are_numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
        return are_numbers and math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(left, (list, tuple)) and type(left) is type(right):
        return len(left) == len(right) and all(map(_values_agree, left, right))
    return bool(left == right)


def _calls_agree(left: Call, right: Call) -> bool:
    """Whether two calls behave alike; attributes that only one solution has do not matter."""
    if left.error or right.error:
        results_agree = left.error == right.error
    else:
        results_agree = _texts_agree(left.result, right.result)
    own, other = dict(left.attributes), dict(right.attributes)
    return (
        results_agree
        and left.printed == right.printed
        and left.files == right.files
        and _texts_agree(left.arguments, right.arguments)
        and all(_texts_agree(own[name], other[name]) for name in own.keys() & other.keys())
    )


def _texts_agree(left: str, right: str) -> bool:
    if left == right:
        return True
    try:
        return _values_agree(ast.literal_eval(left), ast.literal_eval(right))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False


def _first_difference(
    own: list[Call], other: list[Call], errors: set[str]
) -> dict[str, dict[str, str]]:
    """Return the first call with different behaviour; later ones may just be consequences."""
    for expected, actual in zip(own, other, strict=False):
        if expected.text != actual.text:
            break
        is_allowed = not expected.error or expected.error in errors
        if is_allowed and not _calls_agree(expected, actual):
            results = {
                "result": _described(actual, expected),
                "own_result": _described(expected, actual),
            }
            return {expected.text: {"input": expected.text, **results}}
    return {}


def _described(call: Call, other: Call) -> str:
    """Return a call's result, and what it printed or changed if that differs."""
    parts = (
        ("printed", repr(call.printed), repr(other.printed)),
        ("arguments left", call.arguments or "unchanged", other.arguments or "unchanged"),
        ("files", call.files or "unchanged", other.files or "unchanged"),
        ("attributes", _joined(call.attributes), _joined(other.attributes)),
    )
    return "; ".join([call.result, *(f"{title}: {own}" for title, own, its in parts if own != its)])


def _joined(attributes: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in attributes)


def compare(job: dict[str, Any]) -> str:
    """Return, as JSON, the shortest calls on which two solutions differ."""
    prepare(job)
    solution = compile(job["solution"], "solution.py", "exec")
    other_solution = compile(job["other_solution"], "solution.py", "exec")
    original = compile(job["tests"], "tests.py", "exec")
    errors = expected_errors(job, record_calls(job, solution, original, 0))
    differences: dict[str, dict[str, str]] = {}
    for seed, tests in itertools.chain([(0, original)], fuzzed_tests(job)):
        own = record_calls(job, solution, tests, seed)
        other = record_calls(job, other_solution, tests, seed)
        differences |= _first_difference(own, other, errors)
    shortest = sorted(differences, key=lambda call: (len(call), call))[:MAX_DIFFERENCES]
    return json.dumps(
        {"nonce": job["nonce"], "differences": [differences[call] for call in shortest]}
    )
