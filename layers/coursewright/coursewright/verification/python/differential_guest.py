"""Differential testing: searches for inputs on which two solutions to a task differ.

If both are based on the same text, such an input shows where the text is ambiguous.

Loaded as text into the sandbox image.
"""

import ast
import itertools
import json
import math
from typing import Any

from coursewright.verification.python.call_recorder import Call, record_calls
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
    if left.result == right.result or (left.error and left.error == right.error):
        return True
    try:
        return _values_agree(ast.literal_eval(left.result), ast.literal_eval(right.result))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False


def _first_difference(
    own: list[Call], other: list[Call], errors: set[str]
) -> dict[str, dict[str, str]]:
    """Return the first call with different results; later differences may just be consequences."""
    for expected, actual in zip(own, other, strict=False):
        if expected.text != actual.text:
            break
        is_allowed = not expected.error or expected.error in errors
        if is_allowed and not _calls_agree(expected, actual):
            results = {"result": actual.result, "own_result": expected.result}
            return {expected.text: {"input": expected.text, **results}}
    return {}


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
