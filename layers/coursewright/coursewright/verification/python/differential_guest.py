"""Looks for input to which two solutions of one task give different answers.

Where both are written from the same text, such input shows what the text leaves open.

This file is read as text into the prepared image, next to the guest.
"""

import ast
import itertools
import json
import math
import time
from typing import Any

from coursewright.verification.python.differential_fuzzing import (
    Call,
    calls_made,
    known_errors,
    prepare,
    with_other_values,
)

DIFFERENCES_LIMIT = 3


def _is_same(one: Any, other: Any) -> bool:
    """Compare values as a task means them: fractions but for the last digits."""
    if isinstance(one, float) or isinstance(other, float):
        numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
        return numbers and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(one, (list, tuple)) and type(one) is type(other):
        same_length = len(one) == len(other)
        return same_length and all(map(_is_same, one, other))
    return bool(one == other)


def _agree(one: Call, other: Call) -> bool:
    if one[1] == other[1] or (one[2] and one[2] == other[2]):
        return True
    try:
        return _is_same(ast.literal_eval(one[1]), ast.literal_eval(other[1]))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False


def _first_difference(right: list[Call], other: list[Call], errors: set[str]) -> dict[str, str]:
    """Find the first call that the two answer differently: what follows may follow from it."""
    for asked, answered in zip(right, other, strict=False):
        if asked[0] != answered[0]:
            break
        if (not asked[2] or asked[2] in errors) and not _agree(asked, answered):
            return {asked[0]: f"{asked[0]} gives {answered[1]}, the draft's solution {asked[1]}"}
    return {}


def compare(job: dict[str, Any]) -> str:
    """Answer with the shortest calls that two solutions answer differently."""
    prepare(job)
    deadline = time.monotonic() + job["seconds"]
    reference = compile(job["solution"], "solution.py", "exec")
    variant = compile(job["variant"], "solution.py", "exec")
    as_they_stand = compile(job["tests"], "tests.py", "exec")
    errors = known_errors(job, calls_made(job, reference, as_they_stand, 0))
    found: dict[str, str] = {}
    for seed, tests in itertools.chain([(0, as_they_stand)], with_other_values(job)):
        right = calls_made(job, reference, tests, seed)
        found |= _first_difference(right, calls_made(job, variant, tests, seed), errors)
        if time.monotonic() > deadline:
            break
    shortest = sorted(found, key=lambda call: (len(call), call))[:DIFFERENCES_LIMIT]
    return json.dumps({"nonce": job["nonce"], "differences": [found[call] for call in shortest]})
