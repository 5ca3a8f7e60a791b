"""Changes expected values in secret, in a way that only a right solution can tell.

A forged result has to say which tests fail now. The changed values look like the true ones, each
test stands there once under its own name, and nothing else in the interpreter knows the answer.

This file is read as text into the prepared image, next to the guest.
"""

import ast
import copy
import json
import random
import string
from collections.abc import Iterator
from typing import Any

from coursewright.verification.python.assertion_negation import negated
from coursewright.verification.python.assertions import (
    EQUALITIES,
    Site,
    TestFile,
    assertion_call,
    called,
)


def _other_value(value: object, chance: random.Random) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + chance.choice((-2, -1, 1, 2, 3))
    if isinstance(value, float):
        return value + chance.choice((-1.0, -0.5, 0.5, 1.0))
    if isinstance(value, str) and value:
        at = chance.randrange(len(value))
        letters = [c for c in string.ascii_lowercase if c != value[at].lower()]
        return value[:at] + chance.choice(letters) + value[at + 1 :]
    return chance.choice("abcdefg") if isinstance(value, str) else 0


def _leaves(node: ast.expr) -> Iterator[ast.Constant]:
    yield from (child for child in ast.walk(node) if isinstance(child, ast.Constant))


def _literal(node: ast.expr) -> tuple[bool, object]:
    try:
        return True, ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None


def _change_literal(node: ast.expr, chance: random.Random) -> ast.expr | None:
    is_literal, before = _literal(node)
    if not is_literal:
        return None
    changed = copy.deepcopy(node)
    leaves = list(_leaves(changed))
    if leaves:
        leaf = chance.choice(leaves)
        leaf.value = _other_value(leaf.value, chance)  # type: ignore[assignment]
    elif isinstance(changed, (ast.List, ast.Tuple)):
        changed.elts.append(ast.Constant(chance.randint(1, 9)))
    is_literal, after = _literal(changed)
    return changed if is_literal and after != before else None


def _change_expected(statement: ast.stmt, chance: random.Random) -> ast.stmt | None:
    changed = copy.deepcopy(statement)
    call = assertion_call(changed)
    if call and called(call) in EQUALITIES | {"assertCountEqual"} and len(call.args) > 1:
        for at in (1, 0):
            if other := _change_literal(call.args[at], chance):
                call.args[at] = other
                return changed
    test = changed.test if isinstance(changed, ast.Assert) else None
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
        if other := _change_literal(test.comparators[0], chance):
            test.comparators[0] = other
            return changed
        if other := _change_literal(test.left, chance):
            test.left = other
            return changed
    return None


def changed_assertion(statement: ast.stmt, chance: random.Random) -> ast.stmt | None:
    """Make an assertion wrong, by a value that might be right if that is possible."""
    return _change_expected(statement, chance) or negated(statement)


def _choose(sites: dict[str, list[Site]], chance: random.Random) -> dict[str, Site]:
    chosen = {test: chance.choice(own) for test, own in sites.items() if chance.random() < 0.5}
    if chosen or not sites:
        return chosen
    test = chance.choice(list(sites))
    return {test: chance.choice(sites[test])}


def examination(source: str, places: set[str], seed: int) -> dict[str, Any]:
    """Make one secret variant of a test file, with the tests that must fail in it."""
    chance = random.Random(seed)  # noqa: S311  the seed itself is secret
    tree = ast.parse(source)
    file = TestFile(tree)
    sites: dict[str, list[Site]] = {}
    for site in file.sites():
        if site.label in places and negated(site.statement) is not None:
            sites.setdefault(site.holder, []).append(site)
    expected = []
    for holder, site in _choose(sites, chance).items():
        changed = changed_assertion(site.statement, chance)
        tests = file.reaching(holder)
        if changed is not None and tests:
            ast.copy_location(changed, site.statement)
            expected.append({"tests": tests, "label": site.label})
            site.block[site.index] = changed
    text = ast.unparse(ast.fix_missing_locations(tree))
    return {"source": text, "must_fail": expected, "could_change": len(sites)}


def examine(job: dict[str, Any]) -> str:
    """Answer with secret variants of tests that have not been run."""
    places = set(job["places"])
    made = [examination(job["source"], places, seed) for seed in job["seeds"]]
    return json.dumps({"nonce": job["nonce"], "exams": made})
